"""The worker side of Martlet: loads one model inside the sandbox and answers requests on a socket.

Needs Python 3.8 or newer and nothing beyond what the model itself brings.
"""
