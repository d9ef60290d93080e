"""People made of code: they use the pages by HTTP as a browser does, and decide by chance."""
