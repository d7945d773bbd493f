"""
Runbooks for inbound mail through the Mimecast gateway.
"""
