import type { FastifyInstance, FastifySchema } from 'fastify'
import type { Services } from '../../../http/services.ts'
import { CdpError } from '../../../model/errors.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import {
  ExportBody,
  LocalListQuery,
  MaterializationBody,
  PageQuery,
  RecognizedQuery,
  SegmentationBody,
  SegmentationListQuery,
} from './schemas.ts'

/** What each operation will read: the OpenAPI document shows it. */
const SCHEMAS: Readonly<Record<string, FastifySchema>> = {
  'create-export-task': { body: ExportBody },
  'get-export-data': { querystring: PageQuery },
  'list-local-segmentation': { querystring: LocalListQuery },
  'list-segmentation': { querystring: SegmentationListQuery },
  'create-local-segmentation': { body: SegmentationBody, querystring: RecognizedQuery },
  'create-materialization': { body: MaterializationBody },
  'list-materialization': { querystring: PageQuery },
}

/**
 * Adds the routes of segments: who may not call them is told so, and everybody else that they are not there yet. The body is not
 * looked at: nobody should mend one for an operation that does not work.
 */
export function registerSegments(app: FastifyInstance, services: Services): void {
  for (const [id, schema] of Object.entries(SCHEMAS)) {
    const { method, path } = operation(id)
    const onRequest = [guard(services, operation(id)), refuse]
    app.route({ method, url: path, schema, config: { operation: id }, onRequest, handler: refuse })
  }
}

/** @throws CDP_NOT_SUPPORTED_YET */
async function refuse(): Promise<never> {
  throw new CdpError('CDP_NOT_SUPPORTED_YET')
}
