"""Makes the suite: three folders of its own, and more goals over some of the suite `goals`."""
