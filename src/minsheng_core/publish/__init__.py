"""What people and programs read of a result: tables and explanations as text, and JSON."""
