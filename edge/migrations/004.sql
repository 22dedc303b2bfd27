-- A charge is given back weeks later, and its receipt stands for nothing else: both are looked up by it.
CREATE INDEX event_fee ON event (json_extract(text, '$.receipt')) WHERE kind IN ('fee.charged', 'fee.refunded');
