import { Alert, Badge, Tooltip } from '@mantine/core'
import { IconFileCode } from '@tabler/icons-react'

const TEXT =
  'What the configuration file declares is changed there: then start the server again, or send it SIGHUP.'

/** Says that the configuration file declares something, which only the file changes. */
export function ManagedBadge() {
  return (
    <Tooltip label={TEXT} multiline maw={300}>
      <Badge variant="default" tt="none" fw={500} leftSection={<IconFileCode size={12} aria-hidden />}>
        configuration file
      </Badge>
    </Tooltip>
  )
}

/** As {@link ManagedBadge}, for all of a page. */
export function ManagedAlert({ what }: { what: string }) {
  return (
    <Alert color="blue" icon={<IconFileCode aria-hidden />} title={`${what} can only be read here`}>
      {TEXT}
    </Alert>
  )
}
