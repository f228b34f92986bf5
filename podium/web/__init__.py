"""The page: boards, entries and single facts, live and as they once were. It reads, and names no domain."""
