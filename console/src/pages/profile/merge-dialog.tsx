import { Button, Group, Modal, NumberInput, Radio, Stack, Text } from '@mantine/core'
import { mergeProfiles } from '@tributary/sdk'
import type { Profile } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { JsonBlock } from '../../parts/json-block.tsx'
import { nameOf } from '../../parts/person.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { PATHS } from '../../paths.ts'

interface Pair {
  from: number
  into: number
}

/** Makes one of two profiles: first shown, then done. */
export function MergeDialog({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const [pair, setPair] = useState<Pair>()
  const preview = useMutation({
    mutationFn: (body: Pair) => answerOf(mergeProfiles({ client, body: { ...body, dryRun: true } })),
  })
  const merge = useMerge(onClose)
  const change = (changed: Pair | undefined): void => {
    setPair(changed)
    preview.reset()
  }
  const error = preview.error ?? merge.error
  return (
    <Modal opened onClose={onClose} title={`Merge ${nameOf(profile)}`} size="lg" centered>
      <Stack gap="md">
        <PairInput id={profile.id} onChange={change} />
        {error && <ProblemAlert error={error} />}
        {preview.data && (
          <div>
            <Text size="sm" fw={600}>
              So it would be
            </Text>
            <JsonBlock value={preview.data.profile} maxHeight={260} />
          </div>
        )}
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            disabled={!pair}
            loading={preview.isPending}
            onClick={() => pair && preview.mutate(pair)}
          >
            Show what becomes of it
          </Button>
          <Button
            disabled={!pair || !preview.data}
            loading={merge.isPending}
            onClick={() => pair && merge.mutate(pair)}
          >
            Merge
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** Which other profile, and which of the two lives on. */
function PairInput({ id, onChange }: { id: number; onChange: (pair: Pair | undefined) => void }) {
  const [other, setOther] = useState<number>()
  const [lives, setLives] = useState('this')
  const tell = (otherId: number | undefined, living: string): void => {
    setOther(otherId)
    setLives(living)
    if (otherId === undefined) onChange(undefined)
    else onChange(living === 'this' ? { from: otherId, into: id } : { from: id, into: otherId })
  }
  return (
    <>
      <NumberInput
        label="The other profile"
        description="Its id, as its page shows it."
        min={1}
        allowDecimal={false}
        hideControls
        value={other ?? ''}
        onChange={(value) => tell(typeof value === 'number' ? value : undefined, lives)}
        data-autofocus
      />
      <Radio.Group
        label="Which one lives on"
        description="Its values win where both have one."
        value={lives}
        onChange={(value) => tell(other, value)}
      >
        <Stack gap={4} mt={4}>
          <Radio value="this" label={`This one, profile ${id}`} />
          <Radio value="other" label={`The other one${other === undefined ? '' : `, profile ${other}`}`} />
        </Stack>
      </Radio.Group>
    </>
  )
}

function useMerge(onClose: () => void) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (body: Pair) => answerOf(mergeProfiles({ client, body })),
    onSuccess: async ({ profile }) => {
      notifyDone('Merged. The timeline has it, with the way to take it back.')
      onClose()
      await navigate({ to: PATHS.profile, params: { profileId: String(profile.id) } })
      await queryClient.invalidateQueries({ queryKey: ['profile'] })
    },
  })
}
