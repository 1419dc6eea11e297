# Shows that building works here: a Dockerfile of two lines, built in the cluster.
mkdir "$work/context"
cd "$work/context"
printf '%s\n' 'FROM busybox:1' 'RUN echo "Built in a pod of this cluster." > /built' >Dockerfile

start_builder
attend docker buildx build --platform linux/amd64 -t my-image .
say 'my-image was built successfully. It stays in the cache of the builder, which is removed now.'
