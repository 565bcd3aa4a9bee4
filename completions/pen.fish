# pen(1): written by completions/generate from src/pen/opts.def

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

# __pen_at WHERE: is the cursor among the options and their first
# arguments, on the second argument of one, or on the command line that follows? "command" also prints that line.
function __pen_at
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l n 1
        switch $words[1]
            case --
                set -e words[1]
                break
            case --agent --profile --project --project-anyway --allow --deny --private --env --ro --rw --dev --publish --reach --connect-to --memory --cpu --time --processes --proxy --shell --list --config
                set n 2
            case --edit
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

complete -c pen -f
complete -c pen -n '__pen_at argument' -F
complete -c pen -n '__pen_at command >/dev/null' -x -a '(complete -C (__pen_at command))'
complete -c pen -n '__pen_at options' -x -a '(__fish_complete_command)'
complete -c pen -n '__pen_at options' -x -a '(__pen_now agents)' -d agent
complete -c pen -n '__pen_at options' -l agent -d 'take the command for this agent' -x -a '(__pen_now agents)'
complete -c pen -n '__pen_at options' -l profile -d 'use this profile of pen.conf' -x -a '(__pen_now profiles)'
complete -c pen -n '__pen_at options' -l project -d 'the project (default: the repository around the current directory)' -x -a '(__fish_complete_directories)'
complete -c pen -n '__pen_at options' -l project-anyway -d 'a project that pen refuses, such as /tmp or ~/.config' -x -a '(__fish_complete_directories)'
complete -c pen -n '__pen_at options' -l allow -d 'allow a host name: api.example.org, *.example.org, ssh://example.org, @github' -x -a '(__pen_now rules)'
complete -c pen -n '__pen_at options' -l deny -d 'refuse a host name, whatever allows it' -x -a '(__pen_now rules)'
complete -c pen -n '__pen_at options' -l private -d 'let an allowed name have private addresses' -x
complete -c pen -n '__pen_at options' -l ask -d 'ask about names that nothing allows, by pen-ctl ask or in pen-shell'
complete -c pen -n '__pen_at options' -l audit -d 'let every name through, and print what the run needed'
complete -c pen -n '__pen_at options' -l env -d 'pass on a variable, or set it' -x -a '(set --names --export)'
complete -c pen -n '__pen_at options' -l ro -d 'show a file or directory, read-only' -r -F
complete -c pen -n '__pen_at options' -l rw -d 'show a file or directory, writable' -r -F
complete -c pen -n '__pen_at options' -l dev -d 'show a device, to be used: /dev/dri, nvidia' -x
complete -c pen -n '__pen_at options' -l gpu -d 'show the devices of the host\'s GPUs'
complete -c pen -n '__pen_at options' -l publish -d 'make a port inside reachable on the host\'s loopback' -x
complete -c pen -n '__pen_at options' -l reach -d 'make a port of the host\'s loopback reachable inside' -x
complete -c pen -n '__pen_at options' -l connect-to -d 'dial ADDR:PORT for HOST:PORT' -x
complete -c pen -n '__pen_at options' -l memory -d 'bound the memory of the run: 2G' -x
complete -c pen -n '__pen_at options' -l cpu -d 'bound its processor time to that of N processors: 1.5' -x
complete -c pen -n '__pen_at options' -l time -d 'end it after that long: 30m, 2h' -x
complete -c pen -n '__pen_at options' -l processes -d 'bound the processes and threads inside' -x
complete -c pen -n '__pen_at options' -l proxy -d 'carry port 443 to a proxy on the host\'s loopback, which decides by name' -x
complete -c pen -n '__pen_at options' -l open -d 'reach every public address, unseen and unlogged'
complete -c pen -n '__pen_at options' -l offline -d 'no network at all'
complete -c pen -n '__pen_at options' -l debug -d 'allow tracing inside: gdb, strace'
complete -c pen -n '__pen_at options' -l nested -d 'allow namespaces and mounts inside: an agent\'s own sandbox'
complete -c pen -n '__pen_at options' -l perf -d 'allow perf_event_open inside'
complete -c pen -n '__pen_at options' -l sockets -d 'let Unix sockets be made in the project, where other runs reach them'
complete -c pen -n '__pen_at options' -l overlay -d 'hold back the whole project: nothing counts until pen-review --apply'
complete -c pen -n '__pen_at options' -l no-overlay -d 'change the project itself, whatever pen.conf says'
complete -c pen -n '__pen_at options' -l no-key -d 'leave the agent its credential, inside, whatever its key says'
complete -c pen -n '__pen_at options' -l new-remotes -d 'let git reach remotes of key_git that the project did not have before'
complete -c pen -n '__pen_at options' -l no-ask -d 'ask nothing, whatever pen.conf says'
complete -c pen -n '__pen_at options' -l print -d 'print the chain instead, or with =conf the settings' -a 'conf'
complete -c pen -n '__pen_at options' -l shell -d 'print what bash, zsh or fish reads to run agents in pens, and end' -x -a 'bash zsh fish'
complete -c pen -n '__pen_at options' -l list -d 'print the names of agents, profiles, groups or programs, and end' -x -a 'agents profiles groups programs'
complete -c pen -n '__pen_at options' -l edit -d 'add or remove a value in a list of pen.conf, and end' -x -a 'add remove'
complete -c pen -n '__pen_at options' -l config -d 'read FILE instead of the user\'s pen.conf' -r -F
complete -c pen -n '__pen_at options' -l help -d 'print a summary of the options and end'
complete -c pen -n '__pen_at options' -l version -d 'print the version and end'
