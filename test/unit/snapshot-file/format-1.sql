-- What two runs of the version before verification kept, of three CIDs of which one has no content.
INSERT INTO fact VALUES ('changedInRun', 1);
INSERT INTO fact VALUES ('endedRun', 2);
INSERT INTO fact VALUES ('firstDelegates', '[{"peerId":"12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B","addrs":["/dns4/a.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B"]}]');
INSERT INTO fact VALUES ('issue', 1);
INSERT INTO fact VALUES ('mirror', 'mirror');
INSERT INTO fact VALUES ('nodePins', 2);
INSERT INTO fact VALUES ('nodeVersion', '0.43.0');
INSERT INTO fact VALUES ('run', 2);
INSERT INTO bucket VALUES (1, 'photos', 1, NULL, 3, 3, 0, 0, 0, NULL, 0, 2, NULL, NULL, NULL);
INSERT INTO request VALUES (1, 1795684216000, 'Z2lkOi8vZmlsZWJhc2UvQXNzZXQvMTI4NDg1OTIwODEzODc1NA', 2, x'701220ca88387d16273f1181c505650c3161c40b3b2e494117dd309355f00a63e7686d', 1, '3inu.jpg', 1, NULL, 262158, NULL);
INSERT INTO request VALUES (1, 1795684216000, 'Z2lkOi8vZmlsZWJhc2UvQXNzZXQvMTQ2MzY2MjgxODYyMzQ4OQ', 2, x'7012207007016d71b7acfe0aa68c742e3b217dbd26912322d15b67e0b95d3fb2dc8c27', 1, 'eme4.jpg', 1, NULL, 262158, NULL);
INSERT INTO request VALUES (1, 1795684216000, 'Z2lkOi8vZmlsZWJhc2UvQXNzZXQvMzMwNjc3MjI3OTMyODc2OA', 2, x'701220f3ea87a0c949b300ebc40687fd2726fb2b9de7f73066f647f001e39c5c9f82b8', 1, '4cxa.jpg', 1, NULL, 262158, NULL);
INSERT INTO delegate_set VALUES (1, '["/dns4/a.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B"]');
INSERT INTO delegate VALUES ('/dns4/a.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B', '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B', 1795684216718, 1795684218997, 'bafybeiht5kd2bskjwmaoxragq76sojx3foo6p5zqm33ep4ab4oofzh4cxa');
INSERT INTO failure VALUES ('backup', x'701220ca88387d16273f1181c505650c3161c40b3b2e494117dd309355f00a63e7686d', 'bafybeigkra4h2frhh4iydrifmugdcyoebm5s4skbc7otbe2v6afghz3inu', '3inu.jpg', 'photos', 'no block of it came within 2 s', 'no-block', 'later', 1, 1795684218919, 1795685118919, NULL);
