"""Signing in with an account of another organisation over OpenID Connect (教育雲端帳號).

The library keeps state, PKCE and the exchange of the code; what is believed of the answer is decided here: an
`id_token` whose signature, issuer, audience, times and nonce are right, and nothing that contradicts it.
"""
