# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_vc_global_optspecs
    string join \n n/namespace= context= nested kubeconfig= request-timeout= q/quiet v/verbose h/help V/version
end

function __fish_vc_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_vc_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_vc_using_subcommand
    set -l cmd (__fish_vc_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c vc -n "__fish_vc_needs_command" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_needs_command" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_needs_command" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_needs_command" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_needs_command" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_needs_command" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_needs_command" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_needs_command" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_needs_command" -s V -l version -d 'Print version'
complete -c vc -n "__fish_vc_needs_command" -f -a "create" -d 'Create a virtual cluster and switch to its context'
complete -c vc -n "__fish_vc_needs_command" -f -a "new" -d 'Create a virtual cluster and switch to its context'
complete -c vc -n "__fish_vc_needs_command" -f -a "list" -d 'List virtual clusters'
complete -c vc -n "__fish_vc_needs_command" -f -a "ls" -d 'List virtual clusters'
complete -c vc -n "__fish_vc_needs_command" -f -a "top" -d 'Show live what virtual clusters use and how they do'
complete -c vc -n "__fish_vc_needs_command" -f -a "get" -d 'Show one virtual cluster, as `list` does'
complete -c vc -n "__fish_vc_needs_command" -f -a "describe" -d 'Show on one screen what the host says about a virtual cluster'
complete -c vc -n "__fish_vc_needs_command" -f -a "logs" -d 'Print what the control plane of a virtual cluster logs'
complete -c vc -n "__fish_vc_needs_command" -f -a "why" -d 'Say why an object of a virtual cluster is not as it should be, by what the host says'
complete -c vc -n "__fish_vc_needs_command" -f -a "tree" -d 'Show what is in a virtual cluster as a tree, with host objects and nodes'
complete -c vc -n "__fish_vc_needs_command" -f -a "events" -d 'Print what happened to the objects of a virtual cluster, and to those that stand for them on the host'
complete -c vc -n "__fish_vc_needs_command" -f -a "where" -d 'Say which virtual object a host object stands for'
complete -c vc -n "__fish_vc_needs_command" -f -a "connect" -d 'Switch to a virtual cluster\'s context, or run one command in it'
complete -c vc -n "__fish_vc_needs_command" -f -a "run" -d 'Run one command in a virtual cluster that is made for it and deleted after it'
complete -c vc -n "__fish_vc_needs_command" -f -a "disconnect" -d 'Switch back to the context that was current before'
complete -c vc -n "__fish_vc_needs_command" -f -a "kubeconfig" -d 'Print a self-contained kubeconfig of a virtual cluster'
complete -c vc -n "__fish_vc_needs_command" -f -a "delete" -d 'Delete virtual clusters with everything they made'
complete -c vc -n "__fish_vc_needs_command" -f -a "rm" -d 'Delete virtual clusters with everything they made'
complete -c vc -n "__fish_vc_needs_command" -f -a "pause" -d 'Scale virtual clusters to nothing, and keep what they have stored'
complete -c vc -n "__fish_vc_needs_command" -f -a "resume" -d 'Start paused virtual clusters with all that ran in them'
complete -c vc -n "__fish_vc_needs_command" -f -a "apply" -d 'Create a virtual cluster, or change one in place to be as these options say'
complete -c vc -n "__fish_vc_needs_command" -f -a "diff" -d 'Show what `apply` would change on the host; exit code 1 when that is anything'
complete -c vc -n "__fish_vc_needs_command" -f -a "upgrade" -d 'Give a virtual cluster another Kubernetes release, after saving its store'
complete -c vc -n "__fish_vc_needs_command" -f -a "render" -d 'Print the manifests that `create` would apply'
complete -c vc -n "__fish_vc_needs_command" -f -a "doctor" -d 'Tell what would stop `create`, or what is wrong with a virtual cluster'
complete -c vc -n "__fish_vc_needs_command" -f -a "explain" -d 'Say what a code of `doctor` means, why it happens and what to do'
complete -c vc -n "__fish_vc_needs_command" -f -a "rbac" -d 'Print the least Role by which somebody can create virtual clusters'
complete -c vc -n "__fish_vc_needs_command" -f -a "config" -d 'Show how a cluster would be made, and help with the cluster file'
complete -c vc -n "__fish_vc_needs_command" -f -a "image" -d 'List the images of a virtual cluster, and bring the syncer\'s to the nodes'
complete -c vc -n "__fish_vc_needs_command" -f -a "wait" -d 'Wait until a virtual cluster is ready, or gone, or has a condition'
complete -c vc -n "__fish_vc_needs_command" -f -a "prune" -d 'Delete clusters that have expired or are half deleted, and what nothing else removes'
complete -c vc -n "__fish_vc_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c vc -n "__fish_vc_needs_command" -f -a "man" -d 'Print a manual page'
complete -c vc -n "__fish_vc_needs_command" -f -a "version" -d 'Print the version'
complete -c vc -n "__fish_vc_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vc -n "__fish_vc_using_subcommand create" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand create" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand create" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand create" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand create" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l context-name -d 'Name of the kubeconfig context [default: vc-NAME]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l switch -d 'Make the new context the current one' -r -f -a "true\t''
false\t''"
complete -c vc -n "__fish_vc_using_subcommand create" -l timeout -d 'How long to wait until the cluster is ready [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l ttl -d 'Have the cluster delete itself this long after its creation, wherever this machine is by then' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l label -d 'Label for `vc list -l`; several times, or several with commas between' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l dry-run -d 'Only show what would be applied: `client` renders, `server` also has the host check it' -r -f -a "client\t'Nobody: the manifests are printed'
server\t'The host\'s API server, with its admission; nothing is stored'"
complete -c vc -n "__fish_vc_using_subcommand create" -s o -l output -d 'Print the new cluster on stdout' -r -f -a "json\t'JSON'
yaml\t'YAML'
name\t'`virtualcluster/NAME`'"
complete -c vc -n "__fish_vc_using_subcommand create" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand create" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand create" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand create" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand create" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand create" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand create" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand create" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand create" -l no-wake -d 'Do not wake the cluster when its context is used while it is paused, but say how to'
complete -c vc -n "__fish_vc_using_subcommand create" -l no-wait -d 'Apply and return; neither wait nor touch the kubeconfig'
complete -c vc -n "__fish_vc_using_subcommand create" -l if-not-exists -d 'Succeed when the cluster exists already, once it is ready'
complete -c vc -n "__fish_vc_using_subcommand create" -l rollback-on-failure -d 'Delete what was made when the cluster does not become ready'
complete -c vc -n "__fish_vc_using_subcommand create" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand create" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand create" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand new" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand new" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand new" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand new" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand new" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l context-name -d 'Name of the kubeconfig context [default: vc-NAME]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l switch -d 'Make the new context the current one' -r -f -a "true\t''
false\t''"
complete -c vc -n "__fish_vc_using_subcommand new" -l timeout -d 'How long to wait until the cluster is ready [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l ttl -d 'Have the cluster delete itself this long after its creation, wherever this machine is by then' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l label -d 'Label for `vc list -l`; several times, or several with commas between' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l dry-run -d 'Only show what would be applied: `client` renders, `server` also has the host check it' -r -f -a "client\t'Nobody: the manifests are printed'
server\t'The host\'s API server, with its admission; nothing is stored'"
complete -c vc -n "__fish_vc_using_subcommand new" -s o -l output -d 'Print the new cluster on stdout' -r -f -a "json\t'JSON'
yaml\t'YAML'
name\t'`virtualcluster/NAME`'"
complete -c vc -n "__fish_vc_using_subcommand new" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand new" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand new" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand new" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand new" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand new" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand new" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand new" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand new" -l no-wake -d 'Do not wake the cluster when its context is used while it is paused, but say how to'
complete -c vc -n "__fish_vc_using_subcommand new" -l no-wait -d 'Apply and return; neither wait nor touch the kubeconfig'
complete -c vc -n "__fish_vc_using_subcommand new" -l if-not-exists -d 'Succeed when the cluster exists already, once it is ready'
complete -c vc -n "__fish_vc_using_subcommand new" -l rollback-on-failure -d 'Delete what was made when the cluster does not become ready'
complete -c vc -n "__fish_vc_using_subcommand new" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand new" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand new" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand list" -s l -l selector -d 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`' -r
complete -c vc -n "__fish_vc_using_subcommand list" -s o -l output -d 'Form of the output' -r -f -a "table\t'Aligned columns'
wide\t'Aligned columns, more of them'
json\t'JSON'
yaml\t'YAML'
name\t'`virtualcluster/NAME`, one a line'"
complete -c vc -n "__fish_vc_using_subcommand list" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand list" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand list" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand list" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand list" -s A -l all-namespaces -d 'Look in every namespace, and fail when that is not allowed'
complete -c vc -n "__fish_vc_using_subcommand list" -s w -l watch -d 'Go on until Ctrl-C, with a line (an object with `-o json`, a document with `-o yaml`) for each change; without the clusters inside of others'
complete -c vc -n "__fish_vc_using_subcommand list" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand list" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand list" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand ls" -s l -l selector -d 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`' -r
complete -c vc -n "__fish_vc_using_subcommand ls" -s o -l output -d 'Form of the output' -r -f -a "table\t'Aligned columns'
wide\t'Aligned columns, more of them'
json\t'JSON'
yaml\t'YAML'
name\t'`virtualcluster/NAME`, one a line'"
complete -c vc -n "__fish_vc_using_subcommand ls" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand ls" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand ls" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand ls" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand ls" -s A -l all-namespaces -d 'Look in every namespace, and fail when that is not allowed'
complete -c vc -n "__fish_vc_using_subcommand ls" -s w -l watch -d 'Go on until Ctrl-C, with a line (an object with `-o json`, a document with `-o yaml`) for each change; without the clusters inside of others'
complete -c vc -n "__fish_vc_using_subcommand ls" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand ls" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand ls" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand top" -s l -l selector -d 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`' -r
complete -c vc -n "__fish_vc_using_subcommand top" -l interval -d 'How often to look again' -r
complete -c vc -n "__fish_vc_using_subcommand top" -s o -l output -d 'Form of the output, which is then printed once' -r -f -a "json\t'JSON'"
complete -c vc -n "__fish_vc_using_subcommand top" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand top" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand top" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand top" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand top" -s A -l all-namespaces -d 'Look in every namespace, and fail when that is not allowed'
complete -c vc -n "__fish_vc_using_subcommand top" -l once -d 'Print a table once, also on a terminal'
complete -c vc -n "__fish_vc_using_subcommand top" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand top" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand top" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand top" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand get" -s o -l output -d 'Form of the output' -r -f -a "table\t'Aligned columns'
wide\t'Aligned columns, more of them'
json\t'JSON'
yaml\t'YAML'
name\t'`virtualcluster/NAME`, one a line'"
complete -c vc -n "__fish_vc_using_subcommand get" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand get" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand get" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand get" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand get" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand get" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand get" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand describe" -s o -l output -d 'Form of the output (default: a page of text)' -r -f -a "json\t'JSON'
yaml\t'YAML'"
complete -c vc -n "__fish_vc_using_subcommand describe" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand describe" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand describe" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand describe" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand describe" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand describe" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand describe" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand describe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand logs" -s c -l container -d 'Only this container (default: all, with its name before each line)' -r -f -a "etcd\t'The store'
kube-apiserver\t'The API server'
kube-controller-manager\t'The controller manager'
syncer\t'What keeps the virtual cluster and the host in step'"
complete -c vc -n "__fish_vc_using_subcommand logs" -l tail -d 'Only this many lines of each container, the last ones' -r
complete -c vc -n "__fish_vc_using_subcommand logs" -l since -d 'Only what is not older than this' -r
complete -c vc -n "__fish_vc_using_subcommand logs" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand logs" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand logs" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand logs" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand logs" -s f -l follow -d 'Go on until Ctrl-C with what is logged from now on, by the next pod, too'
complete -c vc -n "__fish_vc_using_subcommand logs" -s p -l previous -d 'What a container logged before it was started again'
complete -c vc -n "__fish_vc_using_subcommand logs" -l timestamps -d 'With the time before each line'
complete -c vc -n "__fish_vc_using_subcommand logs" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand logs" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand logs" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand why" -l cluster -d 'Virtual cluster, as HOST-NAMESPACE/NAME where several have its name (default: that of the context)' -x -a "(__fish_vc_names clusters)"
complete -c vc -n "__fish_vc_using_subcommand why" -s n -l namespace -d 'Namespace in the virtual cluster' -r
complete -c vc -n "__fish_vc_using_subcommand why" -s o -l output -d 'Form of the output (default: a page for people)' -r -f -a "json\t'JSON'
yaml\t'YAML'"
complete -c vc -n "__fish_vc_using_subcommand why" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand why" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand why" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand why" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand why" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand why" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand tree" -s n -l namespace -d 'Namespace in the virtual cluster' -r
complete -c vc -n "__fish_vc_using_subcommand tree" -s o -l output -d 'Form of the output (default: a tree for people)' -r -f -a "json\t'JSON'
mermaid\t'A graph in the words of Mermaid'
dot\t'A graph in the words of Graphviz'"
complete -c vc -n "__fish_vc_using_subcommand tree" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand tree" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand tree" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand tree" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand tree" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand tree" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand tree" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand events" -l cluster -d 'Virtual cluster, as HOST-NAMESPACE/NAME where several have its name (default: that of the context)' -x -a "(__fish_vc_names clusters)"
complete -c vc -n "__fish_vc_using_subcommand events" -s n -l namespace -d 'Namespace in the virtual cluster' -r
complete -c vc -n "__fish_vc_using_subcommand events" -s o -l output -d 'Form of the output (default: a line each); with `--follow` an object a line' -r -f -a "json\t'JSON'"
complete -c vc -n "__fish_vc_using_subcommand events" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand events" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand events" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand events" -s A -l all-namespaces -d 'Those of all namespaces of the virtual cluster'
complete -c vc -n "__fish_vc_using_subcommand events" -s f -l follow -d 'Go on with what happens from now on, until Ctrl-C'
complete -c vc -n "__fish_vc_using_subcommand events" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand events" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand events" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand events" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand where" -s o -l output -d 'Form of the output (default: a page for people)' -r -f -a "json\t'JSON'
yaml\t'YAML'"
complete -c vc -n "__fish_vc_using_subcommand where" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand where" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand where" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand where" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand where" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand where" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand where" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand where" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand connect" -l context-name -d 'Name of the kubeconfig context [default: vc-NAME]' -r
complete -c vc -n "__fish_vc_using_subcommand connect" -l switch -d 'Make the context the current one' -r -f -a "true\t''
false\t''"
complete -c vc -n "__fish_vc_using_subcommand connect" -l timeout -d 'How long to wait for a cluster that is not ready [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand connect" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand connect" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand connect" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand connect" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand connect" -l no-wake -d 'Do not wake the cluster when its context is used while it is paused, but say how to'
complete -c vc -n "__fish_vc_using_subcommand connect" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand connect" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand connect" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand connect" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand run" -l name -d 'Name of the virtual cluster (default: a new one)' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l reuse -d 'Use this virtual cluster, which is made if there is none, and keep it' -x -a "(__fish_vc_names clusters)"
complete -c vc -n "__fish_vc_using_subcommand run" -l parallel -d 'Run CMD this many times at once, each in a cluster of its own; VC_SHARD tells them apart' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l artifacts -d 'On failure, write events, logs and pods to this directory' -r -F
complete -c vc -n "__fish_vc_using_subcommand run" -l timeout -d 'How long to wait until the cluster is ready, and until it is gone [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l ttl -d 'Have the cluster delete itself this long after its creation, and end CMD by then (default: an hour after `vc run` was last alive)' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l label -d 'Label for `vc list -l`; several times, or several with commas between' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand run" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand run" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand run" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand run" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand run" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand run" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand run" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand run" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand run" -l keep-on-failure -d 'Keep the cluster when CMD fails or cannot be started'
complete -c vc -n "__fish_vc_using_subcommand run" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand run" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand run" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand run" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand run" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand run" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand run" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand run" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand disconnect" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand disconnect" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand disconnect" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand disconnect" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand disconnect" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand disconnect" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand disconnect" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand disconnect" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -l server -d 'Address under which the virtual API server is reached (default: its Service in the host)' -r
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand kubeconfig" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand delete" -s l -l selector -d 'Delete those whose labels match, as in kubectl: `team=shop,stage!=prod`' -r
complete -c vc -n "__fish_vc_using_subcommand delete" -l timeout -d 'How long to wait until nothing is left [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand delete" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand delete" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand delete" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand delete" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand delete" -l all -d 'Delete every virtual cluster of the namespace'
complete -c vc -n "__fish_vc_using_subcommand delete" -s y -l yes -d 'Do not ask'
complete -c vc -n "__fish_vc_using_subcommand delete" -l ignore-not-found -d 'Succeed when there is no such cluster'
complete -c vc -n "__fish_vc_using_subcommand delete" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand delete" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand delete" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand delete" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand rm" -s l -l selector -d 'Delete those whose labels match, as in kubectl: `team=shop,stage!=prod`' -r
complete -c vc -n "__fish_vc_using_subcommand rm" -l timeout -d 'How long to wait until nothing is left [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand rm" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand rm" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand rm" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand rm" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand rm" -l all -d 'Delete every virtual cluster of the namespace'
complete -c vc -n "__fish_vc_using_subcommand rm" -s y -l yes -d 'Do not ask'
complete -c vc -n "__fish_vc_using_subcommand rm" -l ignore-not-found -d 'Succeed when there is no such cluster'
complete -c vc -n "__fish_vc_using_subcommand rm" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand rm" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand rm" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand rm" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand pause" -s l -l selector -d 'Pause those whose labels match, as in kubectl: `team=shop,stage!=prod`' -r
complete -c vc -n "__fish_vc_using_subcommand pause" -l timeout -d 'How long to wait until no pod is left [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand pause" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand pause" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand pause" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand pause" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand pause" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand pause" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand pause" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand pause" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand resume" -s l -l selector -d 'Resume those whose labels match, as in kubectl: `team=shop,stage!=prod`' -r
complete -c vc -n "__fish_vc_using_subcommand resume" -l timeout -d 'How long to wait until they are ready [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand resume" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand resume" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand resume" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand resume" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand resume" -l no-wait -d 'Do not wait until they are ready'
complete -c vc -n "__fish_vc_using_subcommand resume" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand resume" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand resume" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand resume" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand apply" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand apply" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand apply" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand apply" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand apply" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l ttl -d 'Have the cluster delete itself this long after its creation, wherever this machine is by then' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l label -d 'Label for `vc list -l`; several times, or several with commas between' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l timeout -d 'How long to wait until the cluster is ready [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand apply" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand apply" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand apply" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand apply" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand apply" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand apply" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand apply" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand apply" -l no-wait -d 'Apply and return, without waiting for the control plane'
complete -c vc -n "__fish_vc_using_subcommand apply" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand apply" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand apply" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand apply" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand diff" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand diff" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand diff" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand diff" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand diff" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l ttl -d 'Have the cluster delete itself this long after its creation, wherever this machine is by then' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l label -d 'Label for `vc list -l`; several times, or several with commas between' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand diff" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand diff" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand diff" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand diff" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand diff" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand diff" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand diff" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand diff" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand diff" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand diff" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand diff" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand upgrade" -l kubernetes-version -d 'Kubernetes release that it is to have' -r
complete -c vc -n "__fish_vc_using_subcommand upgrade" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand upgrade" -l timeout -d 'How long to wait until the cluster is ready [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand upgrade" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand upgrade" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand upgrade" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand upgrade" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand upgrade" -l rollback -d 'Go back to the release and the store before the last upgrade; what was written since is lost'
complete -c vc -n "__fish_vc_using_subcommand upgrade" -s y -l yes -d 'Do not ask whether going back is meant'
complete -c vc -n "__fish_vc_using_subcommand upgrade" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand upgrade" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand upgrade" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand upgrade" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand render" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand render" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand render" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand render" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand render" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l pki -d 'Whether to make keys and certificates, or to leave the Secrets out' -r -f -a "new\t'New ones'
none\t'The Secrets are left out'"
complete -c vc -n "__fish_vc_using_subcommand render" -l argocd -d 'Add the Secret that registers the cluster with the Argo CD of this namespace [default: argocd]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l flux -d 'Add the Secret that a `secretRef` of the Flux objects of this namespace can name [default: flux-system]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -s o -l output -d 'Form of the output' -r -f -a "yaml\t'YAML documents'
json\t'One JSON List'"
complete -c vc -n "__fish_vc_using_subcommand render" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand render" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand render" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand render" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand render" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand render" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand render" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand render" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand render" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand render" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand render" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand render" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand doctor" -s o -l output -d 'Form of the output' -r -f -a "table\t'Aligned columns, and what to do below them'
json\t'JSON'
yaml\t'YAML'"
complete -c vc -n "__fish_vc_using_subcommand doctor" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand doctor" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand doctor" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand doctor" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand doctor" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand doctor" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand doctor" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand doctor" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand doctor" -l fix -d 'Do what is safe: remove records and locks whose process is gone, and take others\' rights on your files away; nothing on the host is changed'
complete -c vc -n "__fish_vc_using_subcommand doctor" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand doctor" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand doctor" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand doctor" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand doctor" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand doctor" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand doctor" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand explain" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand explain" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand explain" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand explain" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand explain" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand explain" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand explain" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand explain" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand rbac" -l user -d 'User who is to have the rights; several times for several' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l group -d 'Group that is to have the rights; several times for several' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l serviceaccount -d 'ServiceAccount that is to have the rights; several times for several' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -s o -l output -d 'Form of the output' -r -f -a "yaml\t'YAML documents'
json\t'One JSON List'"
complete -c vc -n "__fish_vc_using_subcommand rbac" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand rbac" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand rbac" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand rbac" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand rbac" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand rbac" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand rbac" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand rbac" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand rbac" -l optional -d 'With what a cluster can do without, too: `kubectl debug`, `kubectl top`, resizing in place, readiness gates, Services without a selector, and the kinds that are synced by default'
complete -c vc -n "__fish_vc_using_subcommand rbac" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand rbac" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand rbac" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand rbac" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand rbac" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand rbac" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand rbac" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand rbac" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -f -a "schema" -d 'Print the JSON Schema of the cluster file, for editors and checks'
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -f -a "init" -d 'Write a cluster file in which every setting stands as a comment'
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -f -a "view" -d 'Print the settings that `create` would go by, as a cluster file'
complete -c vc -n "__fish_vc_using_subcommand config; and not __fish_seen_subcommand_from schema init view help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from schema" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from schema" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from schema" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from schema" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from schema" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -s o -l output -d 'File to write, `-` for stdout [default: -]' -r -F
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -l force -d 'Write over a file that is there'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -s o -l output -d 'Form of the output' -r -f -a "yaml\t'YAML'
json\t'JSON'"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l storage-class -d 'StorageClass of the store\'s volume (default: the host\'s default class)' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l storage-size -d 'Size of the store\'s volume [default: 5Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l cpu -d 'CPU the control plane requests [default: 200m]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l cpu-limit -d 'CPU the control plane may use (default: no limit, because a limit slows every start)' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l memory -d 'Memory the control plane requests [default: 384Mi]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l memory-limit -d 'Memory the control plane may use [default: 2Gi]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l service-cidr -d 'Service range of the host, when it cannot be discovered; twice on a dual-stack host' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l pod-security -d 'Pod Security Standard that every pod must meet to reach the host [default: baseline]' -r -f -a "privileged\t''
baseline\t''
restricted\t''"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l sync -d 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l no-sync -d 'Do not sync these kinds' -r -f -a "ingresses\t''
networkpolicies\t''
poddisruptionbudgets\t''
volumesnapshots\t''
ingressclasses\t''
priorityclasses\t''
runtimeclasses\t''
volumesnapshotclasses\t''"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -s f -l file -d 'Cluster file: settings, and kinds to sync by description; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l quota -d 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l certificate-life -d 'For how long the cluster\'s certificates are good; they are renewed when two thirds of it are over [default: 8760h]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l sleep-after -d 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l ttl -d 'Have the cluster delete itself this long after its creation, wherever this machine is by then' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l label -d 'Label for `vc list -l`; several times, or several with commas between' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l switch -d 'Make the new context the current one' -r -f -a "true\t''
false\t''"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l timeout -d 'How long to wait until the cluster is ready [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l origins -d 'Say where each value comes from: in a comment, or under `origins` with `-o json`'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l ephemeral -d 'Keep the store in the pod: fast, and gone when the pod is'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l sync-nodes -d 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l sync-storage-classes -d 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l isolate -d 'Let the cluster\'s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host\'s network plugin has to enforce them'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from view" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of the cluster file, for editors and checks'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a cluster file in which every setting stands as a comment'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "view" -d 'Print the settings that `create` would go by, as a cluster file'
complete -c vc -n "__fish_vc_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -f -a "list" -d 'Print every image that a virtual cluster with these options runs, for mirrors'
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -f -a "push" -d 'Push this program to a registry as the syncer\'s image'
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -f -a "save" -d 'Write this program as an image archive'
complete -c vc -n "__fish_vc_using_subcommand image; and not __fish_seen_subcommand_from list push save help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -l kubernetes-version -d 'Kubernetes release of the control plane (default: the host\'s)' -r
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -l registry -d 'Registry to take the images from, for mirrors [default: registry.k8s.io]' -r
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -l image -d 'Image of the syncer (default: the release\'s own)' -r
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -s f -l file -d 'Cluster file: settings, as for `create`; `-` for stdin' -r -F
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the output' -r -f -a "table\t'Aligned columns'
json\t'JSON'
yaml\t'YAML'
name\t'The image\'s name, one a line'"
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -l binary -d 'Static Linux build of `vc` to push instead of this program' -r -F
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -l timeout -d 'How long it may take in all [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -l plain-http -d 'Speak HTTP without TLS, passwords included; a registry on this machine\'s loopback address needs no such word'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -l dry-run -d 'Log in and look what is there, but send nothing'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from push" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -s o -l output -d 'File to write, `-` for stdout [default: -]' -r -F
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -s t -l tag -d 'Name of the image, with registry and tag (default: the release\'s own, or `vc.local/vc:vVERSION`)' -r
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -l binary -d 'Static Linux build of `vc` to save instead of this program' -r -F
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from save" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from help" -f -a "list" -d 'Print every image that a virtual cluster with these options runs, for mirrors'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from help" -f -a "push" -d 'Push this program to a registry as the syncer\'s image'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from help" -f -a "save" -d 'Write this program as an image archive'
complete -c vc -n "__fish_vc_using_subcommand image; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vc -n "__fish_vc_using_subcommand wait" -l for -d 'What to wait for' -r -f -a "ready\t'Pods can run in it'
deleted\t'Nothing of it is left on the host'
condition=Ready\t'The host says that its control plane is ready'
condition=StoreReady\t'Its etcd is ready'
condition=APIServerReady\t'Its API server is ready'
condition=ControllerManagerReady\t'Its controller manager is ready'
condition=SyncerReady\t'Its syncer is ready'
condition=Paused\t'It is scaled to nothing'
condition=Expired\t'The time for which it was made is over'
condition=Failed\t'It cannot become ready without somebody\'s doing'"
complete -c vc -n "__fish_vc_using_subcommand wait" -l timeout -d 'How long to wait [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand wait" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand wait" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand wait" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand wait" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand wait" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand wait" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand wait" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand prune" -l timeout -d 'How long to wait until nothing is left [default: 5m]' -r
complete -c vc -n "__fish_vc_using_subcommand prune" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand prune" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand prune" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand prune" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand prune" -l dry-run -d 'Only print what would be deleted'
complete -c vc -n "__fish_vc_using_subcommand prune" -s y -l yes -d 'Do not ask'
complete -c vc -n "__fish_vc_using_subcommand prune" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand prune" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand prune" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand prune" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand completions" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand completions" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand completions" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand completions" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand completions" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand completions" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand completions" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand completions" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand man" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand man" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand man" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand man" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand man" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand man" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand man" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand man" -s h -l help -d 'Print help'
complete -c vc -n "__fish_vc_using_subcommand version" -s o -l output -d 'Form of the output' -r -f -a "json\t'JSON'
yaml\t'YAML'"
complete -c vc -n "__fish_vc_using_subcommand version" -s n -l namespace -d 'Host namespace of the virtual cluster' -x -a "(__fish_vc_names namespaces)"
complete -c vc -n "__fish_vc_using_subcommand version" -l context -d 'Kubeconfig context of the host cluster (default: the current one)' -x -a "(__fish_vc_names contexts)"
complete -c vc -n "__fish_vc_using_subcommand version" -l kubeconfig -d 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`' -r -F
complete -c vc -n "__fish_vc_using_subcommand version" -l request-timeout -d 'How long one request to the host may take [default: 30s]' -r
complete -c vc -n "__fish_vc_using_subcommand version" -l nested -d 'Act inside the virtual cluster whose context it is, and not on its host'
complete -c vc -n "__fish_vc_using_subcommand version" -s q -l quiet -d 'Print nothing but data, warnings and errors'
complete -c vc -n "__fish_vc_using_subcommand version" -s v -l verbose -d 'Say more about what is done; twice for the library\'s own messages'
complete -c vc -n "__fish_vc_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "create" -d 'Create a virtual cluster and switch to its context'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "list" -d 'List virtual clusters'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "top" -d 'Show live what virtual clusters use and how they do'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "get" -d 'Show one virtual cluster, as `list` does'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "describe" -d 'Show on one screen what the host says about a virtual cluster'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "logs" -d 'Print what the control plane of a virtual cluster logs'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "why" -d 'Say why an object of a virtual cluster is not as it should be, by what the host says'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "tree" -d 'Show what is in a virtual cluster as a tree, with host objects and nodes'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "events" -d 'Print what happened to the objects of a virtual cluster, and to those that stand for them on the host'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "where" -d 'Say which virtual object a host object stands for'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "connect" -d 'Switch to a virtual cluster\'s context, or run one command in it'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "run" -d 'Run one command in a virtual cluster that is made for it and deleted after it'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "disconnect" -d 'Switch back to the context that was current before'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "kubeconfig" -d 'Print a self-contained kubeconfig of a virtual cluster'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "delete" -d 'Delete virtual clusters with everything they made'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "pause" -d 'Scale virtual clusters to nothing, and keep what they have stored'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "resume" -d 'Start paused virtual clusters with all that ran in them'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "apply" -d 'Create a virtual cluster, or change one in place to be as these options say'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "diff" -d 'Show what `apply` would change on the host; exit code 1 when that is anything'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "upgrade" -d 'Give a virtual cluster another Kubernetes release, after saving its store'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "render" -d 'Print the manifests that `create` would apply'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "doctor" -d 'Tell what would stop `create`, or what is wrong with a virtual cluster'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "explain" -d 'Say what a code of `doctor` means, why it happens and what to do'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "rbac" -d 'Print the least Role by which somebody can create virtual clusters'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "config" -d 'Show how a cluster would be made, and help with the cluster file'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "image" -d 'List the images of a virtual cluster, and bring the syncer\'s to the nodes'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "wait" -d 'Wait until a virtual cluster is ready, or gone, or has a condition'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "prune" -d 'Delete clusters that have expired or are half deleted, and what nothing else removes'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "man" -d 'Print a manual page'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "version" -d 'Print the version'
complete -c vc -n "__fish_vc_using_subcommand help; and not __fish_seen_subcommand_from create list top get describe logs why tree events where connect run disconnect kubeconfig delete pause resume apply diff upgrade render doctor explain rbac config image wait prune completions man version help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vc -n "__fish_vc_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "schema" -d 'Print the JSON Schema of the cluster file, for editors and checks'
complete -c vc -n "__fish_vc_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "init" -d 'Write a cluster file in which every setting stands as a comment'
complete -c vc -n "__fish_vc_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "view" -d 'Print the settings that `create` would go by, as a cluster file'
complete -c vc -n "__fish_vc_using_subcommand help; and __fish_seen_subcommand_from image" -f -a "list" -d 'Print every image that a virtual cluster with these options runs, for mirrors'
complete -c vc -n "__fish_vc_using_subcommand help; and __fish_seen_subcommand_from image" -f -a "push" -d 'Push this program to a registry as the syncer\'s image'
complete -c vc -n "__fish_vc_using_subcommand help; and __fish_seen_subcommand_from image" -f -a "save" -d 'Write this program as an image archive'

# Names of clusters, host namespaces and contexts.
function __fish_vc_names
    vc complete $argv[1] -- (commandline -opc)[2..] 2>/dev/null </dev/null
end

complete -c vc -n "__fish_vc_using_subcommand get describe logs tree connect kubeconfig delete rm pause resume apply diff upgrade doctor wait" -f -a "(__fish_vc_names clusters)"
