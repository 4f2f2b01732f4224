//! Server functions of the code tables. The tables themselves travel as cacheable GETs, see `service`.
