import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ImportKey } from '../../core/imports/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import type { ImportTask } from '../../model/import.ts'
import { CdpError } from '../../model/errors.ts'
import { pick } from './conditions.ts'
import { guard } from './guard.ts'
import { InfoBody, ListBody } from './schemas.ts'
import { showErrors, showTask, taskQueryOf } from './tasks.ts'

/** @assumed how many refused rows a task shows is not printed; the native API gives all of them */
const ERRORS_MAX = 100

/** Adds what tells how far tasks are. */
export function registerTasks(app: FastifyInstance, services: Services): void {
  const { imports } = services
  const options = (operation: string, body: object) => ({
    schema: { body },
    config: { operation },
    preValidation: guard(services),
  })
  app.post('/api/external/info/task', options('info-task', InfoBody), async (request) => {
    const { id, select } = request.body as InfoBody
    const { workspace } = callerOf(request)
    const key = { workspaceId: workspace.id, importId: Number(id) }
    const task = await findTask(services, key)
    const refusals = await imports.refusals(key, { after: 0, limit: ERRORS_MAX })
    const errors = showErrors(task, refusals)
    return { success: true, code: 200, model: pick({ ...showTask(task), errors }, select) }
  })
  app.post('/api/external/list/task', options('list-task', ListBody), async (request) => {
    const data = (await listTasks(services, request)).map((task) =>
      pick(showTask(task), (request.body as ListBody).select),
    )
    return { success: true, code: 200, data }
  })
}

/** A task of this API: those of others are none. @throws CDP_IMPORT_NOT_FOUND */
async function findTask({ imports }: Services, key: ImportKey): Promise<ImportTask> {
  if (!Number.isSafeInteger(key.importId)) throw new CdpError('CDP_IMPORT_NOT_FOUND')
  const task = await imports.get(key)
  if (task.dialect !== 'xtremepush') throw new CdpError('CDP_IMPORT_NOT_FOUND')
  return task
}

async function listTasks({ imports }: Services, request: FastifyRequest): Promise<ImportTask[]> {
  const query = taskQueryOf(callerOf(request).workspace.id, request.body as ListBody)
  return query ? imports.list(query) : []
}
