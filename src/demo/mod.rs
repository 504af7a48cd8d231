//! The embedded cloud: Keystone, Glance and IMS over one world, real HTTP on loopback, scripted faults.
