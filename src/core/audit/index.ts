/** Who did what to the installation: users, roles, keys, workspaces, settings. */
export { COMMAND_LINE, CONFIGURATION, act, actorOfCaller, listAudit, record } from './audit.ts'
export type { Act, Actor, AuditList } from './audit.ts'
export type { AuditRow } from '../../storage/audit.ts'
