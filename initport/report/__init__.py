"""A network's initialization as one page: the verdict, the laws, and what they do to signals over depth."""
