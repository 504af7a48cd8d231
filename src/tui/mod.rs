//! The screen: `Msg` → `update(&mut Model)` → `Effect`s; `view(&Model)` → frame.
