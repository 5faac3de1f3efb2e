"""One module per gateway: its objects, written by anyone → where a request goes.

Leaves to others: writing such objects (`gateways`). Neither imports the other, so that each can prove the other wrong.
"""
