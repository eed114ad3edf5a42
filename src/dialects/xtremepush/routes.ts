import type { FastifyInstance } from 'fastify'
import type { Services } from '../../http/services.ts'
import { registerEvents } from './event-routes.ts'
import { registerImports } from './import-routes.ts'
import { registerProfiles } from './profile-routes.ts'
import { registerTasks } from './task-routes.ts'

/** Adds the routes of the operation table. */
export function register(app: FastifyInstance, services: Services): void {
  registerImports(app, services)
  registerTasks(app, services)
  registerEvents(app, services)
  registerProfiles(app, services)
}
