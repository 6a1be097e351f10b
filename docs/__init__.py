"""The documentation site: pages, and what they show of the tool."""
