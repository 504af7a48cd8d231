//! The screen from outside: keys and events in, effects and pictures out.

mod browsing;
mod by_member;
mod closing;
mod commands;
mod exporting;
mod filters;
mod history;
mod jobs;
mod large;
mod linking;
mod looping;
mod marking;
mod matrix;
mod mousing;
mod plain;
mod planning;
mod ranges;
mod refused;
mod screens;
mod settings;
mod sharing;
mod starting;
mod styles;
mod telling;
mod toasting;
mod together;
