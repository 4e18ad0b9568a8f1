
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'vc' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'vc'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'vc' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a virtual cluster and switch to its context')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Create a virtual cluster and switch to its context')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List virtual clusters')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List virtual clusters')
            [CompletionResult]::new('top', 'top', [CompletionResultType]::ParameterValue, 'Show live what virtual clusters use and how they do')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show one virtual cluster, as `list` does')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show on one screen what the host says about a virtual cluster')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print what the control plane of a virtual cluster logs')
            [CompletionResult]::new('why', 'why', [CompletionResultType]::ParameterValue, 'Say why an object of a virtual cluster is not as it should be, by what the host says')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Show what is in a virtual cluster as a tree, with host objects and nodes')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'Print what happened to the objects of a virtual cluster, and to those that stand for them on the host')
            [CompletionResult]::new('where', 'where', [CompletionResultType]::ParameterValue, 'Say which virtual object a host object stands for')
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Switch to a virtual cluster''s context, or run one command in it')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run one command in a virtual cluster that is made for it and deleted after it')
            [CompletionResult]::new('disconnect', 'disconnect', [CompletionResultType]::ParameterValue, 'Switch back to the context that was current before')
            [CompletionResult]::new('kubeconfig', 'kubeconfig', [CompletionResultType]::ParameterValue, 'Print a self-contained kubeconfig of a virtual cluster')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete virtual clusters with everything they made')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Delete virtual clusters with everything they made')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Scale virtual clusters to nothing, and keep what they have stored')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Start paused virtual clusters with all that ran in them')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Create a virtual cluster, or change one in place to be as these options say')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what `apply` would change on the host; exit code 1 when that is anything')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Give a virtual cluster another Kubernetes release, after saving its store')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Print the manifests that `create` would apply')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Tell what would stop `create`, or what is wrong with a virtual cluster')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say what a code of `doctor` means, why it happens and what to do')
            [CompletionResult]::new('rbac', 'rbac', [CompletionResultType]::ParameterValue, 'Print the least Role by which somebody can create virtual clusters')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show how a cluster would be made, and help with the cluster file')
            [CompletionResult]::new('image', 'image', [CompletionResultType]::ParameterValue, 'List the images of a virtual cluster, and bring the syncer''s to the nodes')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until a virtual cluster is ready, or gone, or has a condition')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Delete clusters that have expired or are half deleted, and what nothing else removes')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vc;create' {
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('--context-name', '--context-name', [CompletionResultType]::ParameterName, 'Name of the kubeconfig context [default: vc-NAME]')
            [CompletionResult]::new('--switch', '--switch', [CompletionResultType]::ParameterName, 'Make the new context the current one')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until the cluster is ready [default: 5m]')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Have the cluster delete itself this long after its creation, wherever this machine is by then')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label for `vc list -l`; several times, or several with commas between')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be applied: `client` renders, `server` also has the host check it')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print the new cluster on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print the new cluster on stdout')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--no-wake', '--no-wake', [CompletionResultType]::ParameterName, 'Do not wake the cluster when its context is used while it is paused, but say how to')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Apply and return; neither wait nor touch the kubeconfig')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'Succeed when the cluster exists already, once it is ready')
            [CompletionResult]::new('--rollback-on-failure', '--rollback-on-failure', [CompletionResultType]::ParameterName, 'Delete what was made when the cluster does not become ready')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;new' {
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('--context-name', '--context-name', [CompletionResultType]::ParameterName, 'Name of the kubeconfig context [default: vc-NAME]')
            [CompletionResult]::new('--switch', '--switch', [CompletionResultType]::ParameterName, 'Make the new context the current one')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until the cluster is ready [default: 5m]')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Have the cluster delete itself this long after its creation, wherever this machine is by then')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label for `vc list -l`; several times, or several with commas between')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be applied: `client` renders, `server` also has the host check it')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print the new cluster on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print the new cluster on stdout')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--no-wake', '--no-wake', [CompletionResultType]::ParameterName, 'Do not wake the cluster when its context is used while it is paused, but say how to')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Apply and return; neither wait nor touch the kubeconfig')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'Succeed when the cluster exists already, once it is ready')
            [CompletionResult]::new('--rollback-on-failure', '--rollback-on-failure', [CompletionResultType]::ParameterName, 'Delete what was made when the cluster does not become ready')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;list' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Look in every namespace, and fail when that is not allowed')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Look in every namespace, and fail when that is not allowed')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Go on until Ctrl-C, with a line (an object with `-o json`, a document with `-o yaml`) for each change; without the clusters inside of others')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Go on until Ctrl-C, with a line (an object with `-o json`, a document with `-o yaml`) for each change; without the clusters inside of others')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;ls' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Look in every namespace, and fail when that is not allowed')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Look in every namespace, and fail when that is not allowed')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Go on until Ctrl-C, with a line (an object with `-o json`, a document with `-o yaml`) for each change; without the clusters inside of others')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Go on until Ctrl-C, with a line (an object with `-o json`, a document with `-o yaml`) for each change; without the clusters inside of others')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;top' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Only those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'How often to look again')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output, which is then printed once')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output, which is then printed once')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Look in every namespace, and fail when that is not allowed')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Look in every namespace, and fail when that is not allowed')
            [CompletionResult]::new('--once', '--once', [CompletionResultType]::ParameterName, 'Print a table once, also on a terminal')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;get' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;describe' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output (default: a page of text)')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output (default: a page of text)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;logs' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Only this container (default: all, with its name before each line)')
            [CompletionResult]::new('--container', '--container', [CompletionResultType]::ParameterName, 'Only this container (default: all, with its name before each line)')
            [CompletionResult]::new('--tail', '--tail', [CompletionResultType]::ParameterName, 'Only this many lines of each container, the last ones')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only what is not older than this')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on until Ctrl-C with what is logged from now on, by the next pod, too')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on until Ctrl-C with what is logged from now on, by the next pod, too')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'What a container logged before it was started again')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'What a container logged before it was started again')
            [CompletionResult]::new('--timestamps', '--timestamps', [CompletionResultType]::ParameterName, 'With the time before each line')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;why' {
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Virtual cluster, as HOST-NAMESPACE/NAME where several have its name (default: that of the context)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace in the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace in the virtual cluster')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output (default: a page for people)')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output (default: a page for people)')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;tree' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace in the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace in the virtual cluster')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output (default: a tree for people)')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output (default: a tree for people)')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;events' {
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Virtual cluster, as HOST-NAMESPACE/NAME where several have its name (default: that of the context)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace in the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace in the virtual cluster')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output (default: a line each); with `--follow` an object a line')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output (default: a line each); with `--follow` an object a line')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Those of all namespaces of the virtual cluster')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Those of all namespaces of the virtual cluster')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on with what happens from now on, until Ctrl-C')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with what happens from now on, until Ctrl-C')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;where' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output (default: a page for people)')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output (default: a page for people)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;connect' {
            [CompletionResult]::new('--context-name', '--context-name', [CompletionResultType]::ParameterName, 'Name of the kubeconfig context [default: vc-NAME]')
            [CompletionResult]::new('--switch', '--switch', [CompletionResultType]::ParameterName, 'Make the context the current one')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for a cluster that is not ready [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--no-wake', '--no-wake', [CompletionResultType]::ParameterName, 'Do not wake the cluster when its context is used while it is paused, but say how to')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;run' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the virtual cluster (default: a new one)')
            [CompletionResult]::new('--reuse', '--reuse', [CompletionResultType]::ParameterName, 'Use this virtual cluster, which is made if there is none, and keep it')
            [CompletionResult]::new('--parallel', '--parallel', [CompletionResultType]::ParameterName, 'Run CMD this many times at once, each in a cluster of its own; VC_SHARD tells them apart')
            [CompletionResult]::new('--artifacts', '--artifacts', [CompletionResultType]::ParameterName, 'On failure, write events, logs and pods to this directory')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until the cluster is ready, and until it is gone [default: 5m]')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Have the cluster delete itself this long after its creation, and end CMD by then (default: an hour after `vc run` was last alive)')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label for `vc list -l`; several times, or several with commas between')
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--keep-on-failure', '--keep-on-failure', [CompletionResultType]::ParameterName, 'Keep the cluster when CMD fails or cannot be started')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;disconnect' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;kubeconfig' {
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Address under which the virtual API server is reached (default: its Service in the host)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;delete' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Delete those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Delete those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until nothing is left [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Delete every virtual cluster of the namespace')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--ignore-not-found', '--ignore-not-found', [CompletionResultType]::ParameterName, 'Succeed when there is no such cluster')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;rm' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Delete those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Delete those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until nothing is left [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Delete every virtual cluster of the namespace')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--ignore-not-found', '--ignore-not-found', [CompletionResultType]::ParameterName, 'Succeed when there is no such cluster')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;pause' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Pause those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Pause those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until no pod is left [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;resume' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Resume those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Resume those whose labels match, as in kubectl: `team=shop,stage!=prod`')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until they are ready [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait until they are ready')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;apply' {
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Have the cluster delete itself this long after its creation, wherever this machine is by then')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label for `vc list -l`; several times, or several with commas between')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until the cluster is ready [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Apply and return, without waiting for the control plane')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;diff' {
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Have the cluster delete itself this long after its creation, wherever this machine is by then')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label for `vc list -l`; several times, or several with commas between')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;upgrade' {
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release that it is to have')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until the cluster is ready [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--rollback', '--rollback', [CompletionResultType]::ParameterName, 'Go back to the release and the store before the last upgrade; what was written since is lost')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask whether going back is meant')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask whether going back is meant')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;render' {
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('--pki', '--pki', [CompletionResultType]::ParameterName, 'Whether to make keys and certificates, or to leave the Secrets out')
            [CompletionResult]::new('--argocd', '--argocd', [CompletionResultType]::ParameterName, 'Add the Secret that registers the cluster with the Argo CD of this namespace [default: argocd]')
            [CompletionResult]::new('--flux', '--flux', [CompletionResultType]::ParameterName, 'Add the Secret that a `secretRef` of the Flux objects of this namespace can name [default: flux-system]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;doctor' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Do what is safe: remove records and locks whose process is gone, and take others'' rights on your files away; nothing on the host is changed')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;explain' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;rbac' {
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'User who is to have the rights; several times for several')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'Group that is to have the rights; several times for several')
            [CompletionResult]::new('--serviceaccount', '--serviceaccount', [CompletionResultType]::ParameterName, 'ServiceAccount that is to have the rights; several times for several')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--optional', '--optional', [CompletionResultType]::ParameterName, 'With what a cluster can do without, too: `kubectl debug`, `kubectl top`, resizing in place, readiness gates, Services without a selector, and the kinds that are synced by default')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;config' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the cluster file, for editors and checks')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a cluster file in which every setting stands as a comment')
            [CompletionResult]::new('view', 'view', [CompletionResultType]::ParameterValue, 'Print the settings that `create` would go by, as a cluster file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vc;config;schema' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;config;init' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, `-` for stdout [default: -]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, `-` for stdout [default: -]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write over a file that is there')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;config;view' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('--storage-class', '--storage-class', [CompletionResultType]::ParameterName, 'StorageClass of the store''s volume (default: the host''s default class)')
            [CompletionResult]::new('--storage-size', '--storage-size', [CompletionResultType]::ParameterName, 'Size of the store''s volume [default: 5Gi]')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'CPU the control plane requests [default: 200m]')
            [CompletionResult]::new('--cpu-limit', '--cpu-limit', [CompletionResultType]::ParameterName, 'CPU the control plane may use (default: no limit, because a limit slows every start)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory the control plane requests [default: 384Mi]')
            [CompletionResult]::new('--memory-limit', '--memory-limit', [CompletionResultType]::ParameterName, 'Memory the control plane may use [default: 2Gi]')
            [CompletionResult]::new('--service-cidr', '--service-cidr', [CompletionResultType]::ParameterName, 'Service range of the host, when it cannot be discovered; twice on a dual-stack host')
            [CompletionResult]::new('--pod-security', '--pod-security', [CompletionResultType]::ParameterName, 'Pod Security Standard that every pod must meet to reach the host [default: baseline]')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default: ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync these kinds')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, and kinds to sync by description; `-` for stdin')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests')
            [CompletionResult]::new('--certificate-life', '--certificate-life', [CompletionResultType]::ParameterName, 'For how long the cluster''s certificates are good; they are renewed when two thirds of it are over [default: 8760h]')
            [CompletionResult]::new('--sleep-after', '--sleep-after', [CompletionResultType]::ParameterName, 'Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Have the cluster delete itself this long after its creation, wherever this machine is by then')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label for `vc list -l`; several times, or several with commas between')
            [CompletionResult]::new('--switch', '--switch', [CompletionResultType]::ParameterName, 'Make the new context the current one')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until the cluster is ready [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--origins', '--origins', [CompletionResultType]::ParameterName, 'Say where each value comes from: in a comment, or under `origins` with `-o json`')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the store in the pod: fast, and gone when the pod is')
            [CompletionResult]::new('--sync-nodes', '--sync-nodes', [CompletionResultType]::ParameterName, 'Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole')
            [CompletionResult]::new('--sync-storage-classes', '--sync-storage-classes', [CompletionResultType]::ParameterName, 'Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole')
            [CompletionResult]::new('--isolate', '--isolate', [CompletionResultType]::ParameterName, 'Let the cluster''s pods speak to one another, their API server, their DNS and the public internet alone, by NetworkPolicies; the host''s network plugin has to enforce them')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;config;help' {
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the cluster file, for editors and checks')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a cluster file in which every setting stands as a comment')
            [CompletionResult]::new('view', 'view', [CompletionResultType]::ParameterValue, 'Print the settings that `create` would go by, as a cluster file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vc;config;help;schema' {
            break
        }
        'vc;config;help;init' {
            break
        }
        'vc;config;help;view' {
            break
        }
        'vc;config;help;help' {
            break
        }
        'vc;image' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Print every image that a virtual cluster with these options runs, for mirrors')
            [CompletionResult]::new('push', 'push', [CompletionResultType]::ParameterValue, 'Push this program to a registry as the syncer''s image')
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Write this program as an image archive')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vc;image;list' {
            [CompletionResult]::new('--kubernetes-version', '--kubernetes-version', [CompletionResultType]::ParameterName, 'Kubernetes release of the control plane (default: the host''s)')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry to take the images from, for mirrors [default: registry.k8s.io]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the syncer (default: the release''s own)')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Cluster file: settings, as for `create`; `-` for stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Cluster file: settings, as for `create`; `-` for stdin')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;image;push' {
            [CompletionResult]::new('--binary', '--binary', [CompletionResultType]::ParameterName, 'Static Linux build of `vc` to push instead of this program')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long it may take in all [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--plain-http', '--plain-http', [CompletionResultType]::ParameterName, 'Speak HTTP without TLS, passwords included; a registry on this machine''s loopback address needs no such word')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Log in and look what is there, but send nothing')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;image;save' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, `-` for stdout [default: -]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, `-` for stdout [default: -]')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Name of the image, with registry and tag (default: the release''s own, or `vc.local/vc:vVERSION`)')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Name of the image, with registry and tag (default: the release''s own, or `vc.local/vc:vVERSION`)')
            [CompletionResult]::new('--binary', '--binary', [CompletionResultType]::ParameterName, 'Static Linux build of `vc` to save instead of this program')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;image;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Print every image that a virtual cluster with these options runs, for mirrors')
            [CompletionResult]::new('push', 'push', [CompletionResultType]::ParameterValue, 'Push this program to a registry as the syncer''s image')
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Write this program as an image archive')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vc;image;help;list' {
            break
        }
        'vc;image;help;push' {
            break
        }
        'vc;image;help;save' {
            break
        }
        'vc;image;help;help' {
            break
        }
        'vc;wait' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'What to wait for')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;prune' {
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait until nothing is left [default: 5m]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only print what would be deleted')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;completions' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;man' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vc;version' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the output')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Host namespace of the virtual cluster')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context of the host cluster (default: the current one)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the host may take [default: 30s]')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Act inside the virtual cluster whose context it is, and not on its host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done; twice for the library''s own messages')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vc;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a virtual cluster and switch to its context')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List virtual clusters')
            [CompletionResult]::new('top', 'top', [CompletionResultType]::ParameterValue, 'Show live what virtual clusters use and how they do')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show one virtual cluster, as `list` does')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show on one screen what the host says about a virtual cluster')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print what the control plane of a virtual cluster logs')
            [CompletionResult]::new('why', 'why', [CompletionResultType]::ParameterValue, 'Say why an object of a virtual cluster is not as it should be, by what the host says')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Show what is in a virtual cluster as a tree, with host objects and nodes')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'Print what happened to the objects of a virtual cluster, and to those that stand for them on the host')
            [CompletionResult]::new('where', 'where', [CompletionResultType]::ParameterValue, 'Say which virtual object a host object stands for')
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Switch to a virtual cluster''s context, or run one command in it')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run one command in a virtual cluster that is made for it and deleted after it')
            [CompletionResult]::new('disconnect', 'disconnect', [CompletionResultType]::ParameterValue, 'Switch back to the context that was current before')
            [CompletionResult]::new('kubeconfig', 'kubeconfig', [CompletionResultType]::ParameterValue, 'Print a self-contained kubeconfig of a virtual cluster')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete virtual clusters with everything they made')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Scale virtual clusters to nothing, and keep what they have stored')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Start paused virtual clusters with all that ran in them')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Create a virtual cluster, or change one in place to be as these options say')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what `apply` would change on the host; exit code 1 when that is anything')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Give a virtual cluster another Kubernetes release, after saving its store')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Print the manifests that `create` would apply')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Tell what would stop `create`, or what is wrong with a virtual cluster')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say what a code of `doctor` means, why it happens and what to do')
            [CompletionResult]::new('rbac', 'rbac', [CompletionResultType]::ParameterValue, 'Print the least Role by which somebody can create virtual clusters')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show how a cluster would be made, and help with the cluster file')
            [CompletionResult]::new('image', 'image', [CompletionResultType]::ParameterValue, 'List the images of a virtual cluster, and bring the syncer''s to the nodes')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until a virtual cluster is ready, or gone, or has a condition')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Delete clusters that have expired or are half deleted, and what nothing else removes')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vc;help;create' {
            break
        }
        'vc;help;list' {
            break
        }
        'vc;help;top' {
            break
        }
        'vc;help;get' {
            break
        }
        'vc;help;describe' {
            break
        }
        'vc;help;logs' {
            break
        }
        'vc;help;why' {
            break
        }
        'vc;help;tree' {
            break
        }
        'vc;help;events' {
            break
        }
        'vc;help;where' {
            break
        }
        'vc;help;connect' {
            break
        }
        'vc;help;run' {
            break
        }
        'vc;help;disconnect' {
            break
        }
        'vc;help;kubeconfig' {
            break
        }
        'vc;help;delete' {
            break
        }
        'vc;help;pause' {
            break
        }
        'vc;help;resume' {
            break
        }
        'vc;help;apply' {
            break
        }
        'vc;help;diff' {
            break
        }
        'vc;help;upgrade' {
            break
        }
        'vc;help;render' {
            break
        }
        'vc;help;doctor' {
            break
        }
        'vc;help;explain' {
            break
        }
        'vc;help;rbac' {
            break
        }
        'vc;help;config' {
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the cluster file, for editors and checks')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a cluster file in which every setting stands as a comment')
            [CompletionResult]::new('view', 'view', [CompletionResultType]::ParameterValue, 'Print the settings that `create` would go by, as a cluster file')
            break
        }
        'vc;help;config;schema' {
            break
        }
        'vc;help;config;init' {
            break
        }
        'vc;help;config;view' {
            break
        }
        'vc;help;image' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Print every image that a virtual cluster with these options runs, for mirrors')
            [CompletionResult]::new('push', 'push', [CompletionResultType]::ParameterValue, 'Push this program to a registry as the syncer''s image')
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Write this program as an image archive')
            break
        }
        'vc;help;image;list' {
            break
        }
        'vc;help;image;push' {
            break
        }
        'vc;help;image;save' {
            break
        }
        'vc;help;wait' {
            break
        }
        'vc;help;prune' {
            break
        }
        'vc;help;completions' {
            break
        }
        'vc;help;man' {
            break
        }
        'vc;help;version' {
            break
        }
        'vc;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
