# pen-watch(1): written by completions/generate from src/pen-watch/opts.def

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

complete -c pen-watch -f
complete -c pen-watch -n __fish_use_subcommand -x -a ''
complete -c pen-watch -n 'not __fish_use_subcommand' -x
complete -c pen-watch -l jail -d 'the socket to the jail\'s first process' -x
complete -c pen-watch -l events -d 'write what is seen to this descriptor' -x
complete -c pen-watch -l args -d 'read further options from FD, each word ended by NUL' -x
complete -c pen-watch -l draft-link -d 'mount the link N on DEST inside again when PATH is replaced' -x
complete -c pen-watch -l draft -d 'note when PATH is replaced, which loses its mount inside' -r -F
complete -c pen-watch -l forbid -d 'remove PATH when it appears' -r -F
complete -c pen-watch -l notice -d 'note that PATH appeared' -r -F
complete -c pen-watch -l below -d 'forget the names of the overlay on DEST inside when DIR changes' -x -a '(__fish_complete_directories)'
complete -c pen-watch -l quota -d 'end the run when the overlay in DIR holds more, or its disk is full' -x
complete -c pen-watch -l mirror -d 'copy what is written to drafts to DIR/layer, in case that the run is killed' -x -a '(__fish_complete_directories)'
complete -c pen-watch -l room -d 'with --mirror, note that DIR inside, which is in memory, was full' -x -a '(__fish_complete_directories)'
complete -c pen-watch -l help -d 'print a summary of the options and end'
complete -c pen-watch -l version -d 'print the version and end'
