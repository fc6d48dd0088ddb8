//! Many messages in no time: copies of one that the system itself wrote, with its events and what its sender was told.
//!
//! For measures at sizes that nobody sends one by one. The copies' content is not there: what is downloaded is sent.

/// Copies of a message in PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub struct Copies<'a> {
    /// Number of the message that is copied; it waits for nothing any more.
    pub pattern: i64,
    /// Number of the first copy; the others follow.
    pub first: i64,
    /// How many.
    pub count: i64,
    /// Table `(n BIGINT PRIMARY KEY, id TEXT)` of boxes, numbered from 0, that send and receive by turns.
    pub boxes: &'a str,
    /// How many boxes that table has.
    pub box_count: i64,
    /// Time between two of them, in microseconds; the last one has the pattern's times.
    pub apart: i64,
}

impl Copies<'_> {
    /// The statements that make them. The superuser of a test's own cluster runs them: foreign keys of millions of rows
    /// are not looked up one by one. `OFFSET 0`: a record whose fields are taken one by one would be made for each of
    /// them.
    pub fn sql(&self) -> String {
        let Self {
            pattern,
            first,
            count,
            boxes,
            box_count,
            apart,
        } = self;
        let series = format!("generate_series(CAST(0 AS BIGINT), {count} - 1) AS g (i)");
        let shift = format!("(g.i - ({count} - 1)) * {apart}");
        // Every box sends as many as it receives, to one after the other.
        let recipient = format!("g.i % {box_count}");
        let sender = format!("(g.i * 7 + g.i / {box_count} + 3) % {box_count}");
        format!(
            "SET session_replication_role = replica; \
             INSERT INTO messages SELECT (c.copy).* FROM (SELECT jsonb_populate_record(m, jsonb_build_object(\
             'dm_id', {first} + g.i, 'sender_box', s.id, 'recipient_box', r.id, \
             'envelope', replace(replace(m.envelope, m.recipient_box, r.id), m.sender_box, s.id), \
             'segments', regexp_replace(m.segments, '\"object\":\"([^\"]*)\"', '\"object\":\"\\1-' || {first} + g.i || '\"', 'g'), \
             'submitted', m.submitted + {shift}, 'delivered_in', m.delivered_in + {shift}, \
             'accepted', m.accepted + {shift}, 'sort_time', m.sort_time + {shift}, \
             'sender_due', m.sender_due + {shift}, 'recipient_due', m.recipient_due + {shift})) AS copy \
             FROM messages AS m, {series} JOIN {boxes} AS r ON r.n = {recipient} JOIN {boxes} AS s ON s.n = {sender} \
             WHERE m.dm_id = {pattern} ORDER BY g.i OFFSET 0) AS c; \
             INSERT INTO message_events (dm_id, version, seq, kind, time) \
             SELECT {first} + g.i, e.version, e.seq, e.kind, e.time + {shift} \
             FROM {series}, message_events AS e WHERE e.dm_id = {pattern} ORDER BY g.i; \
             INSERT INTO message_state_changes (sender_box, time, dm_id, version, seq, status) \
             SELECT s.id, c.time + {shift}, {first} + g.i, c.version, c.seq, c.status \
             FROM {series} JOIN {boxes} AS s ON s.n = {sender}, message_state_changes AS c WHERE c.dm_id = {pattern} \
             ORDER BY g.i; \
             SELECT setval('message_numbers', {first} + {count})"
        )
    }
}
