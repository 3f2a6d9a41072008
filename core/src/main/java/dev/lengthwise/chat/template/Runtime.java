package dev.lengthwise.chat.template;

import java.time.Clock;

/// What filters and functions may use while a template is rendered.
///
/// @param budget the work that is left
/// @param clock the time that `strftime_now` tells
record Runtime(Budget budget, Clock clock) {}
