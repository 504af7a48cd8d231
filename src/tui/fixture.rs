//! An inventory made by hand, for the tests of the screen.
