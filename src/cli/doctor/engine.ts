import { inspectEmbedded } from '../../storage/embedded/inspection.ts'
import type { EmbeddedFacts } from '../../storage/embedded/inspection.ts'
import { fault, ok, reasonOf, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** What the look at the bundled PostgreSQL gave. */
export interface EngineCheck {
  findings: Finding[]
  /** Whether its database can be opened without making or changing anything. */
  canOpen: boolean
  /** The server that runs on the data directory. */
  ownerPid: number | undefined
}

/** Looks whether the bundled PostgreSQL and the data directory fit together. The directory is there. */
export async function checkEngine(dataDir: string): Promise<EngineCheck> {
  try {
    const facts = await inspectEmbedded(dataDir)
    const findings = judgeEngine(facts)
    const isReady = facts.clusterMajor !== undefined && findings.every(({ level }) => level === 'ok')
    return { findings, canOpen: isReady || facts.ownerPid !== undefined, ownerPid: facts.ownerPid }
  } catch (error) {
    const fix = 'Install it, or set DATABASE_URL to a PostgreSQL of your own.'
    const findings = [fault('bundled PostgreSQL', reasonOf(error), fix)]
    return { findings, canOpen: false, ownerPid: undefined }
  }
}

function judgeEngine({
  bundled,
  clusterMajor,
  engineCopies,
  hasPassword,
  isCarriedOver,
}: EmbeddedFacts): Finding[] {
  const check = 'bundled PostgreSQL'
  const start = 'Start the server.'
  if (clusterMajor === undefined) return [warning(check, 'There is no database yet.', start)]
  const findings: Finding[] = []
  if (clusterMajor !== String(bundled.major)) {
    const message = `The data was made by PostgreSQL ${clusterMajor}, and this release brings ${bundled.major}.`
    const fix = `Start the release that made it, or run a PostgreSQL ${clusterMajor} on it and set DATABASE_URL.`
    // Not opened: that would carry it over.
    if (isCarriedOver) return [warning(check, message, `${start} It carries the data over.`)]
    findings.push(fault(check, message, fix))
  }
  if (!hasPassword) {
    const fix = 'Put postgres.password back from a backup.'
    findings.push(fault(check, 'The password of the database is gone.', fix))
  }
  if (engineCopies.length === 0) {
    const fix = `${start} It copies them.`
    findings.push(fault(check, 'The programs of PostgreSQL are not in the data directory.', fix))
  } else if (!engineCopies.includes(bundled.version)) {
    const message = `The data directory has the programs of ${engineCopies.join(', ')}, and this release brings ${bundled.version}.`
    findings.push(warning(check, message, 'Restart the server: it then runs the newer one.'))
  }
  return findings.length > 0 ? findings : [ok(check, `PostgreSQL ${bundled.version} and its data are there.`)]
}
