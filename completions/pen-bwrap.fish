# pen-bwrap(1): written by completions/generate from src/pen-bwrap/opts.def

function __pen_now
    set -l state $HOME/.local/state
    set -q XDG_STATE_HOME; and set state $XDG_STATE_HOME
    switch $argv[1]
        case agents profiles
            command pen --list $argv[1] 2>/dev/null
        case rules
            command pen --list groups 2>/dev/null
        case sessions
            command pen-ctl ls 2>/dev/null | command sed '1d; s/ .*//'
        case logs
            command pen-log --list 2>/dev/null | command sed '1d; s/ .*//'
    end
    switch $argv[1]
        case rules refused
            command find $state/pen/log -name '*.jsonl' -mtime -2 -exec sed -nE 's|.*"allow":"([A-Za-z0-9.*:/_-]+)".*|\1|p' '{}' + 2>/dev/null | command sort -u
    end
end

# __pen_bwrap_at WHERE: is the cursor among the options and their first
# arguments, on the second argument of one, or on the command line that follows? "command" also prints that line.
function __pen_bwrap_at
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l n 1
        switch $words[1]
            case --
                set -e words[1]
                break
            case --args --chdir --hostname --uid --gid --userns --userns2 --pidns --block-fd --info-fd --json-status-fd --seccomp --tmpfs --size --perms --proc --dev --mqueue --overlay-src --tmp-overlay --ro-overlay --draft-size --dir --remount-ro --mask --copy --cgroup --unsetenv --cap-add --cap-drop --add-seccomp-fd --exec-label --file-label --processes --socket-dir --keep-fd --sync-fd --lock-file --userns-block-fd --argv0
                set n 2
            case --ro-bind --ro-bind-try --bind --bind-try --dev-bind --dev-bind-try --bind-fd --ro-bind-fd --draft-tree --at-end --watch --file --bind-data --ro-bind-data --symlink --chmod --setenv
                set n 3
            case --overlay --draft --draft-link
                set n 4
            case '-*'
            case '*'
                break
        end
        if test $n -gt (count $words)
            # on its first argument fish knows what to offer
            test $argv[1] = (test (count $words) -eq 1; and echo options; or echo argument)
            return
        end
        set words $words[(math $n + 1)..-1]
    end
    set -q words[1]
    or begin
        test $argv[1] = options
        return
    end
    test $argv[1] = command
    and string join ' ' -- (string escape -- $words) (commandline -ct)
end

complete -c pen-bwrap -f
complete -c pen-bwrap -n '__pen_bwrap_at argument' -F
complete -c pen-bwrap -n '__pen_bwrap_at command >/dev/null' -x -a '(complete -C (__pen_bwrap_at command))'
complete -c pen-bwrap -n '__pen_bwrap_at options' -x -a '(__fish_complete_command)'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l not-a-security-boundary -d 'go on where a mount below a bind keeps its attributes'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l args -d 'read further options from FD' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l chdir -d 'start prog in DIR' -x -a '(__fish_complete_directories)'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l hostname -d 'the host name inside' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l uid -d 'the user id inside' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l gid -d 'the group id inside' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l userns -d 'join the user namespace FD' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l userns2 -d 'join it in the end' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l pidns -d 'join the pid namespace FD' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l block-fd -d 'wait for FD' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l info-fd -d 'write what runs to FD' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l json-status-fd -d 'the same, and how it ended' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l seccomp -d 'load the seccomp filter in FD' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l ro-bind -d 'bind SRC, and what is mounted below it, read-only on DEST' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l ro-bind-try -d 'the same; nothing when there is no SRC' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l bind -d 'bind SRC on DEST' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l bind-try -d 'the same; nothing when there is no SRC' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l dev-bind -d 'bind SRC on DEST with its device nodes' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l dev-bind-try -d 'the same; nothing when there is no SRC' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l bind-fd -d 'bind the directory or file open as FD on DEST' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l ro-bind-fd -d 'the same, read-only' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l system -d 'bind the running system\'s programs and /etc read-only'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l tmpfs -d 'mount an empty tmpfs on DEST' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l size -d 'the size of the next --tmpfs' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l perms -d 'the mode of the next --tmpfs, --dir, --file or --bind-data' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l proc -d 'mount a new /proc on DEST' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l dev -d 'make a minimal /dev on DEST' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l mqueue -d 'mount the message queues of the IPC namespace on DEST' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l overlay-src -d 'a layer of the next overlay, above the one before it' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l overlay -d 'mount the layers on DEST, and RWSRC, which is written to, over them' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l tmp-overlay -d 'mount the layers on DEST; what is written is gone in the end' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l ro-overlay -d 'mount the layers on DEST read-only' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l draft-tree -d 'take drafts from SRC, with what KEPT holds over it unless it is empty' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l draft -d 'mount a private version of PATH in the Nth --draft-tree, from 0, on DEST' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l draft-link -d 'make DEST a link to a private copy of the file PATH' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l draft-size -d 'the bound of all that is written to drafts' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l at-end -d 'when nothing runs inside any more, run PROG outside with FD and the drafts' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l watch -d 'while anything runs inside, run PROG outside with FD; it may stop all of it' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l dir -d 'make the directory DEST' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l file -d 'copy what FD holds to the file DEST' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l bind-data -d 'bind a file with what FD holds on DEST' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l ro-bind-data -d 'the same, read-only' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l symlink -d 'make DEST a symbolic link to TARGET' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l chmod -d 'change the mode of PATH inside' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l remount-ro -d 'make the mount at DEST read-only' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l mask -d 'replace PATH by an empty file or directory, read-only' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l copy -d 'replace the file PATH by a copy of its own, read-only' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l cgroup -d 'mount the own cgroup read-only on DEST' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l setenv -d 'set a variable' -x -a '(set --names --export)'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unsetenv -d 'remove a variable' -x -a '(set --names --export)'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l clearenv -d 'remove all variables'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l cap-add -d 'let prog keep CAP, or ALL, in its own user namespace' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l cap-drop -d 'undo an earlier --cap-add' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l add-seccomp-fd -d 'the same, and not with --seccomp' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l exec-label -d 'the SELinux context of prog' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l file-label -d 'the SELinux context of new files' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l processes -d 'bound the processes and threads inside' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l socket-dir -d 'let Unix sockets be made in DIR, and in no directory without this option' -x -a '(__fish_complete_directories)'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l keep-fd -d 'leave FD open for prog' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l sync-fd -d 'keep FD open, but not for prog, while anything runs inside' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l lock-file -d 'hold a lock on PATH inside for as long' -r -F
complete -c pen-bwrap -n '__pen_bwrap_at options' -l userns-block-fd -d 'wait for FD until somebody else has mapped the ids' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l argv0 -d 'the name that prog is told to have' -x
complete -c pen-bwrap -n '__pen_bwrap_at options' -l new-session -d 'run prog in its own session, without the terminal'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l die-with-parent -d 'end when the parent of pen-ns ends'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l as-pid-1 -d 'run prog as pid 1, without a reaper'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-user -d 'new user namespace'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-user-try -d 'the same'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-ipc -d 'new IPC namespace'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-pid -d 'new pid namespace'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-uts -d 'new UTS namespace'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-cgroup -d 'new cgroup namespace'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-cgroup-try -d 'the same'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-net -d 'new network namespace with only lo'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l unshare-all -d 'all of these'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l share-net -d 'undo an earlier --unshare-net or --unshare-all'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l disable-userns -d 'no user namespaces inside (the default)'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l assert-userns-disabled -d 'fail if user namespaces can be made inside'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l nested -d 'allow user namespaces inside, for a sandbox in the sandbox'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l level-prefix -d 'begin each message with its severity, <3>'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l help -d 'print a summary of the options and end'
complete -c pen-bwrap -n '__pen_bwrap_at options' -l version -d 'print the version and end'
