/**
 * How long tests wait for what must come. Nothing of it takes long; the time is for machines that are busy with something else. Less than
 * what a test may take, so that the check says what is wrong.
 */
export const PATIENCE_MS = 20_000
