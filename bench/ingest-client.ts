/** A process of its own that sends single events until it is ended, so that it does not slow the reader it disturbs. */
import { eventsUrl, loadEvents } from './http-load.ts'

await loadEvents(eventsUrl(process.argv[2] ?? ''), 64, 600)
