"""What freelancers and clients show of themselves, and the facts that pages and search show about parties."""
