-- A day's settlement is asked for by its day, weeks later.
CREATE INDEX event_settled ON event (json_extract(text, '$.day')) WHERE kind = 'payments.settled';
