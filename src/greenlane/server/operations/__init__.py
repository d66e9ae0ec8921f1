"""What can be asked of the server, apart from any transport: HTTP is a thin face of this."""
