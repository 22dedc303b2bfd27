// Keeps a page as it is now. Without it each page is as it was when it was asked for.
