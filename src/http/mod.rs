//! One request on the wire: the client, its deadlines and caps, read-only, and what came back.
