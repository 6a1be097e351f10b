"""A port against its source: does each weight of the port start as the source says, and if not, what does it do?"""
