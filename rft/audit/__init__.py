"""Tries a reward function on answers whose worth is known before anything is paid for.

`cases` are references and golden answers, `probes` worthless and odd answers made of the records themselves,
`run` puts all of them to a reward in this process or deployed, `verdict` compares with the use case's
thresholds, `report` tells it. Nothing here prints or keeps text of a prompt, an answer or a reference.
"""
