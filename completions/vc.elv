
use builtin;
use str;

set edit:completion:arg-completer[vc] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'vc'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'vc'= {
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand create 'Create a virtual cluster and switch to its context'
            cand new 'Create a virtual cluster and switch to its context'
            cand list 'List virtual clusters'
            cand ls 'List virtual clusters'
            cand connect 'Switch to a virtual cluster''s context, or run one command in it'
            cand run 'Run one command in a virtual cluster that is made for it and deleted after it'
            cand disconnect 'Switch back to the context that was current before'
            cand kubeconfig 'Print a self-contained kubeconfig of a virtual cluster'
            cand delete 'Delete virtual clusters with everything they made'
            cand rm 'Delete virtual clusters with everything they made'
            cand render 'Print the manifests that `create` would apply'
            cand image 'Bring the syncer''s image to the nodes'
            cand prune 'Delete clusters that have expired or are half deleted, and what nothing else removes'
            cand completions 'Print a completion script for a shell'
            cand version 'Print the version'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vc;create'= {
            cand --kubernetes-version 'Kubernetes release of the control plane (default: the host''s)'
            cand --registry 'Registry to take the images from, for mirrors [default: registry.k8s.io]'
            cand --image 'Image of the syncer (default: the release''s own)'
            cand --storage-class 'StorageClass of the store''s volume (default: the host''s default class)'
            cand --storage-size 'Size of the store''s volume [default: 5Gi]'
            cand --cpu 'CPU the control plane requests [default: 200m]'
            cand --cpu-limit 'CPU the control plane may use (default: no limit, because a limit slows every start)'
            cand --memory 'Memory the control plane requests [default: 384Mi]'
            cand --memory-limit 'Memory the control plane may use [default: 2Gi]'
            cand --service-cidr 'Service range of the host, when it cannot be discovered; twice on a dual-stack host'
            cand --pod-security 'Pod Security Standard that every pod must meet to reach the host [default: baseline]'
            cand --context-name 'Name of the kubeconfig context [default: vc-NAME]'
            cand --switch 'Make the new context the current one'
            cand --timeout 'How long to wait until the cluster is ready [default: 5m]'
            cand --ttl 'Delete the cluster by itself this long after its creation, wherever this machine is by then'
            cand --dry-run 'Only show what would be applied: `client` renders, `server` also has the host check it'
            cand -o 'Print the new cluster on stdout'
            cand --output 'Print the new cluster on stdout'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --ephemeral 'Keep the store in the pod: fast, and gone when the pod is'
            cand --sync-nodes 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
            cand --sync-storage-classes 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
            cand --no-wait 'Apply and return; neither wait nor touch the kubeconfig'
            cand --if-not-exists 'Succeed when the cluster exists already, once it is ready'
            cand --rollback-on-failure 'Delete what was made when the cluster does not become ready'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'vc;new'= {
            cand --kubernetes-version 'Kubernetes release of the control plane (default: the host''s)'
            cand --registry 'Registry to take the images from, for mirrors [default: registry.k8s.io]'
            cand --image 'Image of the syncer (default: the release''s own)'
            cand --storage-class 'StorageClass of the store''s volume (default: the host''s default class)'
            cand --storage-size 'Size of the store''s volume [default: 5Gi]'
            cand --cpu 'CPU the control plane requests [default: 200m]'
            cand --cpu-limit 'CPU the control plane may use (default: no limit, because a limit slows every start)'
            cand --memory 'Memory the control plane requests [default: 384Mi]'
            cand --memory-limit 'Memory the control plane may use [default: 2Gi]'
            cand --service-cidr 'Service range of the host, when it cannot be discovered; twice on a dual-stack host'
            cand --pod-security 'Pod Security Standard that every pod must meet to reach the host [default: baseline]'
            cand --context-name 'Name of the kubeconfig context [default: vc-NAME]'
            cand --switch 'Make the new context the current one'
            cand --timeout 'How long to wait until the cluster is ready [default: 5m]'
            cand --ttl 'Delete the cluster by itself this long after its creation, wherever this machine is by then'
            cand --dry-run 'Only show what would be applied: `client` renders, `server` also has the host check it'
            cand -o 'Print the new cluster on stdout'
            cand --output 'Print the new cluster on stdout'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --ephemeral 'Keep the store in the pod: fast, and gone when the pod is'
            cand --sync-nodes 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
            cand --sync-storage-classes 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
            cand --no-wait 'Apply and return; neither wait nor touch the kubeconfig'
            cand --if-not-exists 'Succeed when the cluster exists already, once it is ready'
            cand --rollback-on-failure 'Delete what was made when the cluster does not become ready'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'vc;list'= {
            cand -o 'Form of the output'
            cand --output 'Form of the output'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand -A 'Look in every namespace, and fail when that is not allowed'
            cand --all-namespaces 'Look in every namespace, and fail when that is not allowed'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'vc;ls'= {
            cand -o 'Form of the output'
            cand --output 'Form of the output'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand -A 'Look in every namespace, and fail when that is not allowed'
            cand --all-namespaces 'Look in every namespace, and fail when that is not allowed'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'vc;connect'= {
            cand --context-name 'Name of the kubeconfig context [default: vc-NAME]'
            cand --switch 'Make the context the current one'
            cand --timeout 'How long to wait for a cluster that is not ready [default: 5m]'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'vc;run'= {
            cand --name 'Name of the virtual cluster (default: a new one)'
            cand --reuse 'Use this virtual cluster, which is made if there is none, and keep it'
            cand --parallel 'Run CMD this many times at once, each in a cluster of its own; VC_SHARD tells them apart'
            cand --artifacts 'On failure, write events, logs and pods to this directory'
            cand --timeout 'How long to wait until the cluster is ready, and until it is gone [default: 5m]'
            cand --ttl 'Delete the cluster by itself this long after its creation, wherever this machine is by then (default: an hour after CMD is no longer looked after)'
            cand --kubernetes-version 'Kubernetes release of the control plane (default: the host''s)'
            cand --registry 'Registry to take the images from, for mirrors [default: registry.k8s.io]'
            cand --image 'Image of the syncer (default: the release''s own)'
            cand --storage-class 'StorageClass of the store''s volume (default: the host''s default class)'
            cand --storage-size 'Size of the store''s volume [default: 5Gi]'
            cand --cpu 'CPU the control plane requests [default: 200m]'
            cand --cpu-limit 'CPU the control plane may use (default: no limit, because a limit slows every start)'
            cand --memory 'Memory the control plane requests [default: 384Mi]'
            cand --memory-limit 'Memory the control plane may use [default: 2Gi]'
            cand --service-cidr 'Service range of the host, when it cannot be discovered; twice on a dual-stack host'
            cand --pod-security 'Pod Security Standard that every pod must meet to reach the host [default: baseline]'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --keep-on-failure 'Keep the cluster when CMD fails or cannot be started'
            cand --ephemeral 'Keep the store in the pod: fast, and gone when the pod is'
            cand --sync-nodes 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
            cand --sync-storage-classes 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'vc;disconnect'= {
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'vc;kubeconfig'= {
            cand --server 'Address under which the virtual API server is reached (default: its Service in the host)'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'vc;delete'= {
            cand --timeout 'How long to wait until nothing is left [default: 5m]'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --all 'Delete every virtual cluster of the namespace'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --ignore-not-found 'Succeed when there is no such cluster'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'vc;rm'= {
            cand --timeout 'How long to wait until nothing is left [default: 5m]'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --all 'Delete every virtual cluster of the namespace'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --ignore-not-found 'Succeed when there is no such cluster'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'vc;render'= {
            cand --kubernetes-version 'Kubernetes release of the control plane (default: the host''s)'
            cand --registry 'Registry to take the images from, for mirrors [default: registry.k8s.io]'
            cand --image 'Image of the syncer (default: the release''s own)'
            cand --storage-class 'StorageClass of the store''s volume (default: the host''s default class)'
            cand --storage-size 'Size of the store''s volume [default: 5Gi]'
            cand --cpu 'CPU the control plane requests [default: 200m]'
            cand --cpu-limit 'CPU the control plane may use (default: no limit, because a limit slows every start)'
            cand --memory 'Memory the control plane requests [default: 384Mi]'
            cand --memory-limit 'Memory the control plane may use [default: 2Gi]'
            cand --service-cidr 'Service range of the host, when it cannot be discovered; twice on a dual-stack host'
            cand --pod-security 'Pod Security Standard that every pod must meet to reach the host [default: baseline]'
            cand --pki 'Whether to make keys and certificates, or to leave the Secrets out'
            cand -o 'Form of the output'
            cand --output 'Form of the output'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --ephemeral 'Keep the store in the pod: fast, and gone when the pod is'
            cand --sync-nodes 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
            cand --sync-storage-classes 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'vc;image'= {
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
            cand save 'Write this program as an image archive'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vc;image;save'= {
            cand -o 'File to write, `-` for stdout [default: -]'
            cand --output 'File to write, `-` for stdout [default: -]'
            cand -t 'Name of the image, with registry and tag (default: the release''s own, or `vc.local/vc:vVERSION`)'
            cand --tag 'Name of the image, with registry and tag (default: the release''s own, or `vc.local/vc:vVERSION`)'
            cand --binary 'Static Linux build of `vc` to save instead of this program'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'vc;image;help'= {
            cand save 'Write this program as an image archive'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vc;image;help;save'= {
        }
        &'vc;image;help;help'= {
        }
        &'vc;prune'= {
            cand --timeout 'How long to wait until nothing is left [default: 5m]'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --dry-run 'Only print what would be deleted'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'vc;completions'= {
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'vc;version'= {
            cand -o 'Form of the output'
            cand --output 'Form of the output'
            cand -n 'Host namespace of the virtual cluster'
            cand --namespace 'Host namespace of the virtual cluster'
            cand --context 'Kubeconfig context of the host cluster (default: the current one)'
            cand --kubeconfig 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`'
            cand --request-timeout 'How long one request to the host may take [default: 30s]'
            cand --nested 'Act inside the virtual cluster whose context it is, and not on its host'
            cand -q 'Print nothing but data, warnings and errors'
            cand --quiet 'Print nothing but data, warnings and errors'
            cand -v 'Say more about what is done; twice for the library''s own messages'
            cand --verbose 'Say more about what is done; twice for the library''s own messages'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'vc;help'= {
            cand create 'Create a virtual cluster and switch to its context'
            cand list 'List virtual clusters'
            cand connect 'Switch to a virtual cluster''s context, or run one command in it'
            cand run 'Run one command in a virtual cluster that is made for it and deleted after it'
            cand disconnect 'Switch back to the context that was current before'
            cand kubeconfig 'Print a self-contained kubeconfig of a virtual cluster'
            cand delete 'Delete virtual clusters with everything they made'
            cand render 'Print the manifests that `create` would apply'
            cand image 'Bring the syncer''s image to the nodes'
            cand prune 'Delete clusters that have expired or are half deleted, and what nothing else removes'
            cand completions 'Print a completion script for a shell'
            cand version 'Print the version'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vc;help;create'= {
        }
        &'vc;help;list'= {
        }
        &'vc;help;connect'= {
        }
        &'vc;help;run'= {
        }
        &'vc;help;disconnect'= {
        }
        &'vc;help;kubeconfig'= {
        }
        &'vc;help;delete'= {
        }
        &'vc;help;render'= {
        }
        &'vc;help;image'= {
            cand save 'Write this program as an image archive'
        }
        &'vc;help;image;save'= {
        }
        &'vc;help;prune'= {
        }
        &'vc;help;completions'= {
        }
        &'vc;help;version'= {
        }
        &'vc;help;help'= {
        }
    ]
    $completions[$command]
}
