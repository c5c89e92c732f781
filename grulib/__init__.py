"""The code behind the book on the gated recurrent unit; each module has one subject and opens with it."""
