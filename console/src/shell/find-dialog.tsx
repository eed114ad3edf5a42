import { Combobox, InputBase, Modal, Text, useCombobox } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { listProfiles } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { answerOf } from '../api/problem.ts'
import { useMay } from '../api/session.ts'
import { nameOf, subtitleOf } from '../parts/person.ts'
import { PATHS } from '../paths.ts'
import { PLACES, SETTINGS } from './navigation.ts'

/** Finds a page by its name and people as one types. */
export function FindDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const navigate = useNavigate()
  const combobox = useCombobox({ opened: true })
  const go = (value: string): void => {
    onClose()
    if (value.startsWith('/')) void navigate({ to: value })
    else void navigate({ to: PATHS.profile, params: { profileId: value } })
  }
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="10vh"
      title={undefined}
      aria-label="Find"
    >
      <Combobox store={combobox} onOptionSubmit={go}>
        <Combobox.EventsTarget>
          <InputBase
            data-autofocus
            size="md"
            variant="unstyled"
            px="md"
            leftSection={<IconSearch size={18} aria-hidden />}
            placeholder="A page, or a person by name, e-mail, phone or id"
            aria-label="Find a page or a person"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value)
              combobox.selectFirstOption()
            }}
          />
        </Combobox.EventsTarget>
        <Results text={text} />
      </Combobox>
    </Modal>
  )
}

function Results({ text }: { text: string }) {
  const people = usePeople(text)
  const pages = usePages(text)
  return (
    <Combobox.Options mah={420} style={{ overflowY: 'auto' }} p="xs">
      {people.length > 0 && (
        <Combobox.Group label="People">
          {people.map((profile) => (
            <Combobox.Option key={profile.id} value={String(profile.id)}>
              {nameOf(profile)}{' '}
              <Text span size="sm" c="dimmed">
                {subtitleOf(profile)}
              </Text>
            </Combobox.Option>
          ))}
        </Combobox.Group>
      )}
      {pages.length > 0 && (
        <Combobox.Group label="Pages">
          {pages.map(({ label, path }) => (
            <Combobox.Option key={path} value={path}>
              {label}
            </Combobox.Option>
          ))}
        </Combobox.Group>
      )}
      {people.length + pages.length === 0 && <Combobox.Empty>Nothing is called so</Combobox.Empty>}
    </Combobox.Options>
  )
}

/** Pages by name, of those that one may see; a page that stands in both lists comes once. */
function usePages(text: string) {
  const may = useMay()
  const wanted = text.trim().toLowerCase()
  const byPath = new Map([...SETTINGS, ...PLACES].map((place) => [place.path, place]))
  return [...byPath.values()].filter(
    ({ needs, label }) => (needs === undefined || may(needs)) && label.toLowerCase().includes(wanted),
  )
}

const PEOPLE_MAX = '8'

function usePeople(text: string) {
  const may = useMay()
  const [search] = useDebouncedValue(text.trim(), 150)
  const { data } = useQuery({
    queryKey: ['profiles', 'find', search],
    queryFn: ({ signal }) => answerOf(listProfiles({ client, signal, query: { search, limit: PEOPLE_MAX } })),
    enabled: search !== '' && may('profiles:read'),
    placeholderData: (before) => before,
  })
  return search === '' ? [] : (data?.items ?? [])
}
