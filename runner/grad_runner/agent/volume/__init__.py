"""How much of its storage a runner uses, and what happens when that is full."""
