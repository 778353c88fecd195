"""Public questions and answers on a published need: what one company learns, every company learns."""
