"""An audit as people and tools read it: text, one HTML page, JSON, JUnit, SARIF and Markdown."""
