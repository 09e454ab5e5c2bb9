package adopt

// Classify is what puts an error under a sentinel.
var Classify = classify
