import { createPullRequestPodJob } from '@/lib/k8s-pull-request-pod';

const result = await createPullRequestPodJob({
  name: 'pr-123-build',
  namespace: 'default',
  image: 'docker:24-dind'
});

console.log(`Created job: ${result.jobName}`);
