import { Avatar, Badge, Group, Stack, Text } from '@mantine/core'
import type { Profile } from '@tributary/sdk'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { nameOf, subtitleOf } from '../../parts/person.ts'
import { Time } from '../../parts/time.tsx'
import { PATHS } from '../../paths.ts'
import classes from './profile-row.module.css'

/** Pixels. */
export const PROFILE_ROW_HEIGHT = 60

const TAGS_SHOWN = 2

/** One profile of the list; all of it is the way to its page. */
export const ProfileRow = memo(function ProfileRow({ profile }: { profile: Profile }) {
  const { id, tags, lastActivityAt } = profile
  const name = nameOf(profile)
  return (
    <Link to={PATHS.profile} params={{ profileId: String(id) }} className={classes.row}>
      <Avatar name={name} size={34} radius="xl" aria-hidden />
      <Stack gap={0} flex={1} miw={0}>
        <Text size="sm" fw={550} truncate>
          {name}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {subtitleOf(profile)}
        </Text>
      </Stack>
      <Group gap={4} visibleFrom="sm" wrap="nowrap">
        {tags.slice(0, TAGS_SHOWN).map((tag) => (
          <Badge key={tag} variant="default" tt="none" fw={500}>
            {tag}
          </Badge>
        ))}
        {tags.length > TAGS_SHOWN && <Badge variant="default">+{tags.length - TAGS_SHOWN}</Badge>}
      </Group>
      <Text size="xs" c="dimmed" w={110} ta="right">
        {lastActivityAt === null ? 'never active' : <Time at={lastActivityAt} />}
      </Text>
    </Link>
  )
})
