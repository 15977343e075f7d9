"""What a browser may send about cycles, participants and packets; reviews are in `writing`."""
