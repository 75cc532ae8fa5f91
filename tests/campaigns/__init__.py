"""Seeded campaigns: each is a command, and a small part of it a test."""
