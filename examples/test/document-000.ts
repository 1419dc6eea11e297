/** The lines of document 000 that people copy, word for word. */
export const document000 = {
  typescript: `import { createPullRequestPodJob } from '@/lib/k8s-pull-request-pod';

const result = await createPullRequestPodJob({
  name: 'pr-123-build',
  namespace: 'default',
  image: 'docker:24-dind'
});

console.log(\`Created job: \${result.jobName}\`);
`,
  create: `curl -X POST /api/kubernetes/pr-jobs \\
  -H "Content-Type: application/json" \\
  -d '{
    "action": "create",
    "name": "pr-123-build",
    "namespace": "default",
    "image": "docker:24-dind"
  }'
`,
  status: `curl -X POST /api/kubernetes/pr-jobs \\
  -H "Content-Type: application/json" \\
  -d '{
    "action": "status",
    "name": "pr-123-build",
    "jobName": "pr-job-pr-123-build-1640995200000"
  }'
`,
  cleanup: `curl -X POST /api/kubernetes/pr-jobs \\
  -H "Content-Type: application/json" \\
  -d '{
    "action": "cleanup",
    "name": "pr-123-build"
  }'
`,
  step: `- name: Create PR Build Job
  run: |
    curl -X POST https://your-app.com/api/kubernetes/pr-jobs \\
      -H "Content-Type: application/json" \\
      -d '{"name": "pr-\${{ github.event.number }}", "namespace": "builds"}'
`,
  debugging: {
    jobs: 'kubectl get jobs -l pr-name=your-pr-name',
    logs: 'kubectl logs -l pr-name=your-pr-name',
    account: 'kubectl get serviceaccount your-pr-name-buildx-sa',
    role: 'kubectl describe role your-pr-name-buildx-role',
  },
} as const;

/** The job name that stands in the call for a status, where the one that was created has to come. */
export const documentedJobName = 'pr-job-pr-123-build-1640995200000';
