import { deprecated, implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

const BOTH = ['W', 'U'] as const

const EXPORT = {
  callers: BOTH,
  permission: 'CLIENT_EXPORTER_REPORT_CREATE',
  role: 'SETTINGS_EXPORT',
  act: 'create',
} as const

const list = (act: 'read' | 'create') => ({ callers: BOTH, role: 'CLIENT_LIST', act }) as const

const SEGMENTATIONS = '/crm/v1/segmentations'

const MATERIALIZATIONS = '/crm/v1/clients/list'

/** What is made of segments: lists, and exports of them. @source reference chapter 3 */
export const SEGMENT_OPERATIONS: readonly SyneriseOperation[] = [
  implemented(
    'create-export-task',
    'POST /client-exporter/v2/export/clients/segmentation',
    'Create profile export task for segmentation',
    EXPORT,
  ),
  implemented(
    'get-export-data',
    'GET /client-exporter/v2/export/clients/task/:taskId',
    'Retrieve export data',
    EXPORT,
  ),
  implemented(
    'list-local-segmentation',
    `GET ${SEGMENTATIONS}/local/:UUID/clients`,
    'Get Profiles from local segmentation',
    { ...list('read'), permission: 'CRM_LIST_FROM_LOCAL_SEGMENTATION_CLIENT_READ' },
  ),
  implemented('list-segmentation', `GET ${SEGMENTATIONS}/:UUID/clients`, 'Get Profiles from segmentation', {
    ...list('read'),
    permission: 'CRM_LIST_FROM_SEGMENTATION_CLIENT_READ',
  }),
  implemented('create-local-segmentation', `POST ${SEGMENTATIONS}`, 'Create local segmentation', {
    ...list('create'),
    permission: 'CRM_LIST_FROM_LOCAL_SEGMENTATION_CLIENT_CREATE',
  }),
  implemented('create-materialization', `POST ${MATERIALIZATIONS}`, 'Create materialization (Deprecated)', {
    ...deprecated(),
    ...list('create'),
    permission: 'CRM_LIST_FROM_MATERIALIZATION_CLIENT_CREATE',
  }),
  implemented(
    'list-materialization',
    `GET ${MATERIALIZATIONS}/:materializationId`,
    'List Profiles from a materialization (Deprecated)',
    { ...deprecated(), ...list('read'), permission: 'CRM_LIST_FROM_MATERIALIZATION_CLIENT_READ' },
  ),
]
