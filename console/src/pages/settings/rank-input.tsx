import { Radio, Stack } from '@mantine/core'
import { useSession } from '../../api/session.ts'
import { RANKS } from './ranks.ts'
import type { Rank } from './ranks.ts'

/** What somebody is in the installation. Only owners make owners. */
export function RankInput({ rank, onChange }: { rank: Rank; onChange: (rank: Rank) => void }) {
  const { user } = useSession()
  const ranks = Object.entries(RANKS).filter(([value]) => value !== 'owner' || user.role === 'owner')
  return (
    <Radio.Group label="Rank" value={rank} onChange={(value) => onChange(value)}>
      <Stack gap={6} mt={4}>
        {ranks.map(([value, label]) => (
          <Radio key={value} value={value} label={label} />
        ))}
      </Stack>
    </Radio.Group>
  )
}
